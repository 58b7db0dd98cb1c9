// SPDX-License-Identifier: MIT
// What can be done with tokens: the JSON routes and the pages call the same functions, with
// typed arguments, and say the outcome in their own form.
#pragma once

#include "registryd/access/token.h"
#include "registryd/api/admin/token_reach.h"
#include "registryd/request/api.h"
#include "registryd/store/store_access.h"

enum { TOKEN_DAYS = 90, TOKEN_DAYS_MAX = 365 };

struct token_wish {
    const char *name;      // for people; not unique
    const char *team;      // NULL = as the name
    const char *kind;      // "user", "ci", "admin"; NULL = "user"
    struct strings scopes; // what the token may do
    const char *prefix;    // of package names, in any spelling; NULL = any name
    int64_t days;          // until it expires
    bool is_granting;      // the team gets the scopes, too
    bool needs_right;      // refused when the token could do nothing
    const char *actor;     // who creates it, for the audit
};

struct issued_token {
    struct token_info info;     // as it is listed from now on
    char text[TOKEN_TEXT_SIZE]; // shown once and kept nowhere
    int64_t serial;             // of the change
    struct token_reach reach;   // what it may do from now on
};

// Checks the wish as token_issue does and says what its token would be and could do, and stores nothing. The
// members of ret_info that only a stored token has are NULL. Fails with: INVALID, UNAVAILABLE, NO_MEMORY.
enum status token_foresee(struct api *api, const struct token_wish *wish, struct findings *findings,
                          struct issued_token *ret_token, struct error *err);

// Checks the wish, makes the token's text and stores its hash. Texts of the result live in the arena of the
// findings. Fails with: INVALID (findings at "/name", "/scopes", …), UNKNOWN_OUTCOME, UNAVAILABLE,
// INTERNAL (no random source), NO_MEMORY.
enum status token_issue(struct api *api, const struct token_wish *wish, struct findings *findings,
                        struct issued_token *ret_token, struct error *err);

// Revokes a token and waits until this daemon refuses it. A reason may be NULL.
// Fails with: INVALID ("/reason"), NOT_FOUND, UNKNOWN_OUTCOME, UNAVAILABLE, NO_MEMORY.
enum status token_revoke(struct api *api, struct arena *arena, const struct revocation *revocation,
                         struct revoked_token *ret_token, struct error *err);

// One token. Fails with: NOT_FOUND, UNAVAILABLE, NO_MEMORY.
enum status token_load(struct api *api, struct arena *arena, int64_t id,
                       struct token_info *ret_info, struct error *err);

// The number of a token in an address. Fails with: NOT_FOUND.
enum status token_read_id(const struct request *request, int64_t *ret_id, struct error *err);

// Whether a team's or a token's name is allowed: letters, digits, "._-@+", at most LIMIT_NAME_BYTES.
// Fails with: INVALID.
enum status token_check_name(const char *name, const char *where, struct error *err);
