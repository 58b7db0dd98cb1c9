// SPDX-License-Identifier: MIT
// The value of Python string literals: prefixes, raw and triple-quoted forms, escapes.
#pragma once

#include "schema/readers/python/python_token.h"

struct python_string {
    const char *bytes; // UTF-8; may hold NUL
    size_t len;
};

// What keeps a literal from having a text value, or NULL: "an f-string", "a bytes literal", ...
const char *python_string_obstacle(struct text literal);

// Appends the value of one literal to `value`. False when it has none as UTF-8 text: a named escape
// (\N{…}, whose table is Python's), a lone surrogate, or a broken escape.
bool python_string_append(struct text literal, struct buffer *value);
