// SPDX-License-Identifier: MIT
// The growing list of lints.
#include "schema/packaging/lint.h"

#include "schema/base/limits.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void lints_init(struct lints *lints, struct arena *arena) {
    *lints = (struct lints){.arena = arena};
}

static bool reserve(struct lints *lints) {
    if (lints->count < lints->capacity) {
        return true;
    }
    size_t capacity = lints->capacity ? 2 * lints->capacity : 8;
    struct lint *grown = arena_array(lints->arena, capacity, sizeof *grown);
    if (!grown) {
        lints->no_memory = true;
        return false;
    }
    if (lints->count > 0) {
        memcpy(grown, lints->items, lints->count * sizeof *grown);
    }
    lints->items = grown;
    lints->capacity = capacity;
    return true;
}

// Errors are counted even when the list is full, so that a file with many lints is still refused.
void lints_add(struct lints *lints, const struct lint_kind *kind, size_t line, const char *format,
               ...) {
    lints->error_count += kind->is_error;
    if (lints->count == LIMIT_FINDINGS || !reserve(lints)) {
        return;
    }
    struct error text = {0}; // cuts a long message between characters
    va_list args;
    va_start(args, format);
    fail_v(&text, STATUS_INVALID, NULL, format, args);
    va_end(args);
    const char *message = arena_strdup(lints->arena, text.message);
    if (!message) {
        lints->no_memory = true;
        return;
    }
    lints->items[lints->count++] = (struct lint){kind, line, message};
}
