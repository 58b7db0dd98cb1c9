// SPDX-License-Identifier: MIT
// Token texts: prefix, 40 base62 characters from the system's random source (about 238 bit), 6 base62
// characters of CRC-32 over what stands before, so that a scanner can tell a leaked token from a
// word. Only the SHA-256 of a token is ever stored. Pure but for the random bytes; any thread.
#pragma once

#include "schema/base/error.h"
#include "schema/base/text.h"

#include <stdint.h>

enum { TOKEN_TEXT_SIZE = 64 };

// Makes a token with a prefix ("plga_" for an administrator's). NUL-terminated.
// Fails with: INTERNAL (no random source).
enum status token_generate(const char *prefix, char ret_text[TOKEN_TEXT_SIZE], struct error *err);

// Whether the text has a known prefix, the right length and checksum.
bool token_is_well_formed(struct text text);

// SHA-256 of the text.
void token_hash(struct text text, uint8_t ret_hash[32]);
