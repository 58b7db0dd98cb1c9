// SPDX-License-Identifier: MIT
// The pages of the catalogue, as rows of the route table. Each asks the store and the index what the
// JSON routes ask, and writes what they say; none has statements of its own. Reading needs no script.
#pragma once

#include "registryd/request/api.h"

api_handler page_home;          // GET /
api_handler page_packages;      // GET /packages: search and browse
api_handler page_groups;        // GET /groups
api_handler page_group;         // GET /groups/{group}
api_handler page_contributions; // GET /environments/{environment}/contributions
api_handler page_status;        // GET /status

api_handler page_sign_in;      // GET /sign-in
api_handler page_sign_in_take; // POST /sign-in
api_handler page_sign_out;     // POST /sign-out
api_handler page_yank;         // POST /packages/{name}/releases/{version}/yank, and back
api_handler page_set_status;   // POST /packages/{name}/status

// For those who may not see it: a page with the words of a person who signs in.
enum status page_tokens_refuse(struct api *api, const struct request *request, struct reply *reply,
                               const struct error *problem, struct error *err);

api_handler page_tokens;        // GET /tokens
api_handler page_tokens_add;    // POST /tokens: the token's text, once
api_handler page_tokens_revoke; // POST /tokens/{id}/revoke
