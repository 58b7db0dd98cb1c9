// SPDX-License-Identifier: MIT
// Who may: a route's access level against the request's token. Missing token: 401. Malformed,
// unknown, expired and revoked tokens: one and the same 401, in text and in the work done. A good
// token of too little power: 403.
#pragma once

#include "registryd/api/api.h"

enum access_level {
    ACCESS_NONE,
    ACCESS_READ,
    ACCESS_REPORT,
    ACCESS_PUBLISH,
    ACCESS_YANK,        // the life of packages and releases
    ACCESS_ENVIRONMENT, // what hosts are given
    ACCESS_GROUP,       // the contracts of entry-point groups
    ACCESS_ADMIN
};

// Checks request->authorization ("Bearer TOKEN", or "Basic" with the token as the password) for the
// level and sets request->actor. ACCESS_NONE and ACCESS_READ need no token.
// Fails with: UNAUTHORIZED, FORBIDDEN, UNAVAILABLE (the store is away), NO_MEMORY.
enum status access_check(struct api *api, enum access_level level, struct request *request,
                         struct error *err);
