// SPDX-License-Identifier: MIT
// What the files that read environment documents share: tables of members, and the findings that are
// made when a value is not as it must be. Internal to environment_*.c.
#pragma once

#include "schema/environment/environment.h"

struct environment_decoding {
    struct arena *arena;
    struct findings *findings;
    struct environment *environment;
};

// A member of an object of the document and what reads it. `where` is the member's own pointer.
struct environment_member {
    const char *key;
    void (*decode)(struct environment_decoding *decoding, const char *where, const json_t *value);
};

// Adds an error.
void environment_add(struct environment_decoding *decoding, const char *code, const char *where,
                     const char *format, ...) __attribute__((format(printf, 4, 5)));

// What a callee said, under our code and place; running out of memory is no fault of the input.
void environment_add_error(struct environment_decoding *decoding, const char *code,
                           const char *where, const struct error *err);

// Hands every member that is there (null is not) to its reader; other keys, and another type than an
// object, are errors.
void environment_decode_members(struct environment_decoding *decoding, const char *where,
                                const json_t *object, const struct environment_member *members,
                                size_t count);

// Whether the value is of the type and, where it is a list, within `limit` items; else an error.
bool environment_is_object(struct environment_decoding *decoding, const char *where,
                           const json_t *value, size_t limit);
bool environment_is_array(struct environment_decoding *decoding, const char *where,
                          const json_t *value, size_t limit);

// The text of a value, borrowed from the JSON: of one line, at most `max_bytes`; NULL after an error.
const char *environment_line(struct environment_decoding *decoding, const char *where,
                             const json_t *value, size_t max_bytes);

// True and false only; another type is an error and false.
bool environment_flag(struct environment_decoding *decoding, const char *where,
                      const json_t *value);

// A zeroed array; NULL is remembered as out of memory. Arena.
void *environment_array(struct environment_decoding *decoding, size_t count, size_t size);

// Takes the neighbours that are equal out of a sorted list of texts.
size_t environment_drop_equal(const char **items, size_t count);

// The facts (environment_facts.c).
void environment_decode_facts(struct environment_decoding *decoding, const char *where,
                              const json_t *value);
