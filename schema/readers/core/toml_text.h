// SPDX-License-Identifier: MIT
// The bytes of a TOML file before toml++ sees them. Callable from any thread.
#pragma once

#include "schema/readers/core/reader.h"

// Refuses what would exhaust the parser's stack, which recurses per key segment and per bracket: keys
// of more than LIMIT_TOML_KEY_DOTS dots, brackets deeper than LIMIT_JSON_DEPTH. Looks at the bytes
// alone. Fails with: MALFORMED.
enum status toml_check_nesting(const struct source_file *file, struct error *err);

// A line break that was left out: from this place on, lines of the text are `shift` further down.
struct toml_gap {
    size_t line; // of the rewritten text, from 1
    size_t column;
    size_t shift; // columns that the original has more
};

struct toml_rewritten {
    const char *bytes;
    size_t len;
    size_t first_line;     // that TOML 1.0 does not have; 0 = nothing was changed
    struct toml_gap *gaps; // by line and column
    size_t gap_count;
};

// Writes TOML 1.1 as TOML 1.0: inline tables on one line and without a comma at their end, \e and \xHH
// as \u00HH, times with seconds. Arena. Fails with: NO_MEMORY.
enum status toml_rewrite(struct arena *arena, const struct source_file *file,
                         struct toml_rewritten *ret_rewritten, struct error *err);

// The line of the text that a place of the rewritten bytes comes from.
size_t toml_rewritten_line(const struct toml_rewritten *rewritten, size_t line, size_t column);
