// SPDX-License-Identifier: MIT
// Tokens of Python source: names, numbers, strings of every kind, operators, and the NEWLINE,
// INDENT and DEDENT of the layout rules ("Lexical analysis" of the language reference). One call
// makes the whole array; the texts are views into the source.
#pragma once

#include "schema/readers/core/reader.h"

enum python_token_type {
    PYTHON_NAME,     // identifiers and keywords
    PYTHON_NUMBER,   // as it is written
    PYTHON_STRING,   // with its prefix and quotes
    PYTHON_OPERATOR, // and delimiters
    PYTHON_NEWLINE,  // the end of a logical line
    PYTHON_INDENT,   // a block begins
    PYTHON_DEDENT,   // a block ends
    PYTHON_END,      // the last token of every file
};

struct python_token {
    enum python_token_type type : 8;
    bool keyword;     // a NAME that is reserved
    int line;         // where it begins, from 1
    struct text text; // borrowed from the source
};

struct python_tokens {
    struct python_token *items; // the last one is PYTHON_END
    size_t count;
};

enum { PYTHON_BRACKETS_MAX = 200, PYTHON_INDENTS_MAX = 100 }; // as CPython's own tokenizer

// Arena. Fails with: MALFORMED (file:line), NO_MEMORY.
enum status python_tokenize(struct arena *arena, const struct source_file *file,
                            struct python_tokens *ret_tokens, struct error *err);

// The end of the string literal whose opening quote is at `at`, or NULL when it does not end. Adds
// the line breaks it holds to *line.
const char *python_string_end(const char *at, const char *end, struct text prefix, int *line);

// ---- the value of a string literal ----

// What keeps a literal from having a text value, or NULL: "an f-string", "a bytes literal", ...
const char *python_string_obstacle(struct text literal);

// Appends the value of one literal to `value`. False when it has none as UTF-8 text: a named escape
// (\N{…}, whose table is Python's), a lone surrogate, or a broken escape.
bool python_string_append(struct text literal, struct buffer *value);
