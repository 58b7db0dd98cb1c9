// SPDX-License-Identifier: MIT
// Getting a file of the registry, which may send the client on to the object store that holds it. Any thread.
#pragma once

#include "client/remote/fetch.h"

// As fetch_send, and follows redirects, three at most. Token, password and client certificate are for the origin of the
// registry alone: they are dropped at the first address that has another. The caller checks the digest of the bytes.
// Fails with, besides: UNREACHABLE (redirected from https to plain http, or too often).
enum status fetch_file(struct arena *arena, const struct connection *connection,
                       const struct fetch_request *request, struct fetch_answer *ret_answer,
                       struct error *err);
