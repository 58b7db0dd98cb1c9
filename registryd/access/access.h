// SPDX-License-Identifier: MIT
// Who may: a route's access level against the request's token. Missing token: 401. Malformed,
// unknown, expired and revoked tokens: one and the same 401, in text and in the work done. A good
// token of too little power: 403. Rights are read from the store for every request, so that what was
// taken away is gone with the next one.
#pragma once

#include "registryd/request/api.h"
#include "registryd/access/rights.h"

enum access_level {
    ACCESS_UNDECLARED,  // a route that states no level: always refused
    ACCESS_NONE,        // for everybody
    ACCESS_READ,        // everybody, or the scope read where reading is closed
    ACCESS_ASK,         // everybody where reading is open; a token that comes along must be good
    ACCESS_TOKEN,       // any token that is good
    ACCESS_REPORT,      // scope report; on which hosts, the handler asks
    ACCESS_PUBLISH,     // publish:new or publish:update on {name}; publish_rights.h says the rest
    ACCESS_YANK,        // the life of packages and releases: yank on {name}, or its owner
    ACCESS_SETTINGS,    // reading them: environment:read or environment on {environment}
    ACCESS_ENVIRONMENT, // what hosts are given: environment on {environment}
    ACCESS_GROUP, // the contracts of entry-point groups: group:contract on {group}, or its owner
    ACCESS_ADMIN, // an administrator's token
    ACCESS_LEVEL_COUNT
};

// Checks request->authorization ("Bearer TOKEN", or "Basic" with the token as the password) for the
// level and sets request->rights and request->actor. The object is the path parameter that stands at
// the level above; a route without it needs the scope on any object, and its handler asks
// access_require again. ACCESS_NONE, and ACCESS_READ where reading is open, need no token; ACCESS_ASK needs none there, and sets no rights then.
// Fails with: UNAUTHORIZED, FORBIDDEN, UNAVAILABLE (the store is away), NO_MEMORY.
enum status access_check(struct api *api, enum access_level level, struct request *request,
                         struct error *err);

// The rights of a token text, or of a token's SHA-256 (what a session may keep). Arena; UNAUTHORIZED
// when it is not good.
enum status access_load_text(struct api *api, struct arena *arena, struct text token,
                             struct rights *ret_rights, struct error *err);
enum status access_load_hash(struct api *api, struct arena *arena, const uint8_t hash[32],
                             struct rights *ret_rights, struct error *err);

// Waits until this daemon remembers nothing of rights from before the change `serial`: for answers that
// say a right is gone. Other daemons forget when the change reaches them.
void access_forget(struct api *api, int64_t serial);

// The rights of a token that a client presents. Failures are counted by address; a valid token is let in
// however many there were. Fails with: UNAUTHORIZED, TOO_MANY (the address has failed too often;
// request->retry_after_s is set), UNAVAILABLE, NO_MEMORY.
enum status access_authenticate(struct api *api, const struct request *request, struct text token,
                                struct rights *ret_rights, struct error *err);

// The SHA-256 of the token that a request presents, or that its session stands for. False: it presents none.
bool access_find_presented(const struct api *api, const struct request *request,
                           uint8_t ret_hash[32]);

// The rights of what a request presents. Fails as access_authenticate.
enum status access_load_presented(struct api *api, const struct request *request,
                                  struct rights *ret_rights, struct error *err);

// What is asked for: a level on an object (a normalised package name, a group, an environment; NULL =
// on any).
struct access_check_args {
    enum access_level level; // what the route asks for
    const char *object;      // group, package or environment; NULL: none in particular
};

// Whether these rights reach; looks up who owns the object where that decides.
// Fails with: FORBIDDEN, UNAVAILABLE, NO_MEMORY.
enum status access_require(struct api *api, struct arena *arena, const struct rights *rights,
                           const struct access_check_args *query, struct error *err);
