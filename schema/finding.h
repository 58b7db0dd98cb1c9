// SPDX-License-Identifier: MIT
// A finding: one thing wrong (error) or doubtful (warning) about an input, with its place and, where
// it helps, what to do. Lists of findings go into records, problem documents, `check` and `publish`.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"

#include <jansson.h>
#include <stdbool.h>

enum severity { SEVERITY_WARNING, SEVERITY_ERROR };

// For example: an error "unknown-key" at "/entry_points/acme.plugins", with the message that names
// the key. Programs compare codes, and people read messages: a code never changes its meaning.
struct finding {
    enum severity severity; // an error makes the input invalid
    const char *code;       // "unknown-key": stable, kebab-case, listed in docs/FINDINGS.md
    const char *where;      // JSON pointer, or "file:line", or "file:line: key"
    const char *message;    // a sentence
    const char *hint;       // what to do, or NULL
    const char *group; // the entry-point group whose contract may judge it; NULL: none. Never shown
};

struct findings {
    struct arena *arena;   // where the texts live
    struct finding *items; // arena
    size_t count;
    size_t capacity;    // room, counted in items
    size_t error_count; // errors ever added, kept or not
    bool no_memory;     // one could not be kept
};

void findings_init(struct findings *findings, struct arena *arena);

// Adds one; the texts are copied into the arena and made printable. `hint` and `where` may be NULL.
// Of each severity at most LIMIT_FINDINGS are kept; the last then says that there are more.
void findings_add(struct findings *findings, enum severity severity, const char *code,
                  const char *where, const char *hint, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

// Adds *err as an error with this code.
void findings_add_error(struct findings *findings, const char *code, const struct error *err);

// Adds a copy of each of `others`, whose arena may be another one. NULL adds nothing.
void findings_append(struct findings *findings, const struct findings *others);

// Says that the findings from the one numbered `first` on are about this group. Arena.
void findings_set_group(struct findings *findings, size_t first, const char *group);

size_t findings_count(const struct findings *findings, enum severity severity);

// As findings_append, without those that are there already with the same code and message: of two readings of
// one thing.
void findings_append_new(struct findings *findings, const struct findings *others);

// What a reader or a set of rules ends with: INVALID and the first error in *err when errors were added
// since `errors_before` (an earlier error_count), NO_MEMORY when one could not be kept, else OK.
enum status findings_fail(const struct findings *findings, size_t errors_before, struct error *err);

// A JSON array of {"code","where","message","hint"} of one severity (null where there is nothing).
// Owned; NULL when out of memory.
json_t *findings_encode(const struct findings *findings, enum severity severity);

// Adds each finding of what findings_encode wrote, with this severity. False when it is no such array;
// running out of memory shows in `no_memory` alone.
bool findings_decode(struct findings *findings, const json_t *array, enum severity severity);
