// SPDX-License-Identifier: MIT
// What a browser gets where a program gets a problem document: a page, or the way to one.
#pragma once

#include "registryd/request/api.h"

// Answers a request that was refused: a redirect to the sign-in page and back where a token is missing, a redirect
// to the address without its last slash, or a page that says what went wrong. Fails with: UNSUPPORTED_MEDIA (the client
// does not ask for a page, as browsers do), NO_MEMORY; the problem document is sent then.
enum status error_page_refuse(struct api *api, const struct request *request, struct reply *reply,
                              const struct error *problem, struct error *err);

api_handler page_favicon; // GET /favicon.ico
