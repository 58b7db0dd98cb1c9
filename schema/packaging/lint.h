// SPDX-License-Identifier: MIT
// Lints: what the readers of whole metadata files find wrong (errors) or doubtful (warnings), line
// by line, without giving up on the rest. Lists live in an arena and belong to one thread until they
// are handed out.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"

#include <stdbool.h>
#include <stddef.h>

// A row of a reader's table of lints.
struct lint_kind {
    const char *code; // stable, kebab-case, listed in docs/FINDINGS.md
    bool is_error;    // else a warning
};

struct lint {
    const struct lint_kind *kind; // static
    size_t line;                  // 1 the first; 0: the file as a whole
    const char *message;          // a sentence
};

struct lints {
    struct arena *arena;
    struct lint *items;
    size_t count;       // at most LIMIT_FINDINGS are kept
    size_t capacity;    // room, counted in items
    size_t error_count; // errors ever added, kept or not
    bool no_memory;     // one could not be kept
};

void lints_init(struct lints *lints, struct arena *arena);

// Formats the message into the arena. Lints beyond LIMIT_FINDINGS are counted and not kept; running
// out of memory sets no_memory, so that readers check once, at their end.
void lints_add(struct lints *lints, const struct lint_kind *kind, size_t line, const char *format,
               ...) __attribute__((format(printf, 4, 5)));
