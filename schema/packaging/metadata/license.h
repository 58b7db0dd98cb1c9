// SPDX-License-Identifier: MIT
// Licence expressions (PEP 639, SPDX): `MIT OR (Apache-2.0 AND BSD-3-Clause)`, identifiers in any
// case in, in their canonical case out. Pure functions, callable from any thread.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/text.h"

struct license {
    const char *expression; // the normal form
    bool names_deprecated;  // an identifier that the SPDX list no longer recommends ("GPL-2.0")
};

// Parses an expression. Arena. Fails with: INVALID (names the part), TOO_LARGE
// (LIMIT_SHORT_TEXT_BYTES, LIMIT_MARKER_DEPTH), NO_MEMORY.
enum status license_parse(struct arena *arena, struct text text, struct license *ret_license,
                          struct error *err);

// Whether the text is an expression, without keeping anything. Fails with: INVALID, TOO_LARGE.
enum status license_check(struct text text, struct error *err);
