// SPDX-License-Identifier: MIT
// The body of POST /v1/tokens: {"name","team","kind","scopes","prefix","days","grant"}.
#pragma once

#include "registryd/request/body.h"
#include "registryd/access/token.h"
#include "registryd/store/store_access.h"
#include "schema/base/limits.h"

enum { TOKEN_DAYS = 90, TOKEN_DAYS_MAX = 365 };

// Decodes and checks, and makes the token's text. Arena. Fails with: INVALID, as body_decode, INTERNAL
// (no random source).
enum status token_new_decode(const struct request *request, struct new_token *ret_token,
                             char ret_text[TOKEN_TEXT_SIZE], struct error *err);

// Whether a team's or a token's name can be: letters, digits, "._-@+", at most LIMIT_NAME_BYTES.
// Fails with: INVALID.
enum status token_check_name(const char *name, const char *where, struct error *err);
