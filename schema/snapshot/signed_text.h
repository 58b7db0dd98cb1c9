// SPDX-License-Identifier: MIT
// A line of JSON and who signed it, as two lines. What a registry states about its packages, and what an export holds,
// can so be checked after it has passed through other hands.
//
//     {"kind": "registryd-package", "package": "crm", "releases": […], …}
//     {"public_key": "8f3c…", "signature": "51a0…"}        both null when it is not signed
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/text.h"
#include "schema/snapshot/signature.h"

// The two lines of a line, which has no newline; a NULL pair does not sign. Arena; NULL when out of memory.
const char *signed_text_make(struct arena *arena, struct text line,
                             const struct signature_pair *pair);

// The first line, borrowed from `text`; with a key (which may be NULL) only when that key signed it.
// Fails with: MALFORMED (it is no such text), FORBIDDEN (not signed by the key), NO_MEMORY.
enum status signed_text_open(struct text text, const uint8_t *public_key, struct text *ret_line,
                             struct error *err);
