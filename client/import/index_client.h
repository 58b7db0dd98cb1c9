// SPDX-License-Identifier: MIT
// Asking another package index: redirects are followed, at most five; a password goes to the origin of the index and
// nowhere else; a limit of the index is waited for.
#pragma once

#include "client/remote/fetch.h"
#include "client/remote/patience.h"

struct index_client {
    const struct connection *base;   // for time limits and cancelling; its token is never sent
    const char *url;                 // of the index, ending in a slash
    const char *user;                // "USER:PASSWORD"; NULL: none
    const struct patience *patience; // NULL: nothing is waited for
};

struct index_request {
    const char *url;           // absolute
    const char *accept;        // media types
    const char *if_none_match; // entity tag; NULL: unconditional
    size_t max_bytes;          // of the answer
    size_t expected_bytes;     // a deadline for so much; 0: a usual one
};

// *ret_url is where the answer came from in the end: its links are relative to that. Arena.
// Fails with: UNREACHABLE, TIMEOUT, TOO_LARGE, USAGE (the password would go over plain http), NOT_FOUND, FORBIDDEN,
// UNAUTHORIZED, NO_MEMORY. 200 and 304 are answers, everything else a failure.
enum status index_client_get(struct arena *arena, const struct index_client *client,
                             const struct index_request *request, struct fetch_answer *ret_answer,
                             const char **ret_url, struct error *err);
