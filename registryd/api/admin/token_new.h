// SPDX-License-Identifier: MIT
// The body of POST /v1/tokens: {"name","team","kind","scopes","prefix","days","grant"}.
#pragma once

#include "registryd/request/body.h"
#include "registryd/access/token.h"
#include "registryd/store/store_access.h"
#include "schema/base/limits.h"

enum { TOKEN_DAYS = 90, TOKEN_DAYS_MAX = 365 };

// What somebody asks for.
struct token_wish {
    const char *name;
    const char *team; // NULL: the name of the token
    const char *kind; // "user", "ci", "admin"; static
    const struct text *scopes;
    size_t scope_count;
    const char *prefix; // normalised; NULL: any name
    int64_t days;
    bool is_granting;
};

// Decodes the body. Arena. Fails with: as body_decode.
enum status token_wish_decode(const struct request *request, struct findings *findings,
                              struct token_wish *ret_wish, struct error *err);

// Checks that the wish makes sense, and makes the token with its text. What it says is borrowed from
// the wish. Fails with: INVALID, INTERNAL (no random source).
enum status token_new_generate(const struct token_wish *wish, const char *actor,
                               struct new_token *ret_token, char ret_text[TOKEN_TEXT_SIZE],
                               struct error *err);

// Whether a team's or a token's name can be: letters, digits, "._-@+", at most LIMIT_NAME_BYTES.
// Fails with: INVALID.
enum status token_check_name(const char *name, const char *where, struct error *err);
