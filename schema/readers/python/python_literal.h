// SPDX-License-Identifier: MIT
// Literals: the tokens of one expression -> JSON, as ast.literal_eval would see them, as far as
// JSON can say it (text without NUL, whole and floating numbers, True, False, None, lists, tuples as
// arrays, dicts with text keys), with "+" between texts, lists or tuples and with * and ** of such
// values. Names, dict(…) and calls of functions are followed when there is a module to look in.
#pragma once

#include "schema/readers/python/python_names.h"

// The tokens of one expression: tokens[first..end).
struct python_span {
    const struct python_token *tokens;
    size_t first; // index of its first token
    size_t end;   // index behind its last token
};

// How far one value is followed. The counts bound the work that a hostile file can ask for.
struct python_follow {
    const struct python_module *module; // NULL = nothing is followed
    int steps;                          // look-ups so far
    size_t bytes;                       // of source that they led to
    int depth;                          // names in names
    bool in_function;                   // a call was followed: no second one is
};

enum { PYTHON_STEPS_MAX = 100, PYTHON_FOLLOW_BYTES = 1024 * 1024, PYTHON_FOLLOW_DEPTH = 8 };

// The JSON text of the span, or NULL with *ret_why_not set ("not a literal (line 7)"). Arena.
// Fails with: NO_MEMORY.
enum status python_literal_read(struct arena *arena, const struct python_span *span,
                                struct python_follow *follow, const char **ret_json,
                                const char **ret_why_not, struct error *err);

// Finds the value of the name at `token`: its scope must bind it once, and nothing may change it. For
// a function that is bound once, first == end in *ret_binding. NULL, or what is wrong. Static.
const char *python_follow_name(struct python_follow *follow, size_t token,
                               struct python_binding *ret_binding);

// The value that a call of the function named at `token` returns, as tokens: the function stands at the
// top level, and its only "return" in its outermost block. NULL, or what is wrong. Static.
const char *python_follow_call(struct python_follow *follow, size_t token, struct python_span *ret);

// Moves the span to where its value is made: through names that are bound once, and through one function of the
// file. A span that is followed no further stays.
void python_follow_maker(struct python_follow *follow, struct python_span *span);

// The index of the token behind the bracket that closes the one at `open`.
size_t python_behind_bracket(const struct python_token *tokens, size_t open);
