// SPDX-License-Identifier: MIT
// Literals: the tokens of one expression -> JSON, as ast.literal_eval would see them, as far as
// JSON can say it (text, whole and floating numbers, True, False, None, lists, tuples as arrays,
// dicts with text keys).
#pragma once

#include "schema/readers/python/python_token.h"

// The tokens of one expression: tokens[first..end).
struct python_span {
    const struct python_token *tokens;
    size_t first;
    size_t end;
};

// The JSON text of the span, or NULL with *ret_why_not set ("not a literal (line 7)"). Arena.
// Fails with: NO_MEMORY.
enum status python_literal_read(struct arena *arena, const struct python_span *span,
                                const char **ret_json, const char **ret_why_not, struct error *err);
