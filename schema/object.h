// SPDX-License-Identifier: MIT
// Decodes JSON objects by tables of members: request bodies, release and environment documents, records.
// One engine, so that an unknown, missing or mistyped member is reported in the same words and under
// the same code wherever it is sent. (A key that stands twice is refused before, by json_parse.)
//
//     static const struct object_member members[] = {
//         {"name", MEMBER_LINE, offsetof(struct wish, name), .required = true, .max = LIMIT_NAME_BYTES},
//         {"days", MEMBER_INTEGER, offsetof(struct wish, days), .min = 1, .max = 365},
//         {"grant", MEMBER_FLAG, offsetof(struct wish, grant)},
//     };
//     object_decode(&reader, "", json, members, COUNT_OF(members), &wish);
//
// Faults are findings with a JSON pointer; what is good is decoded all the same. Any thread.
#pragma once

#include "schema/finding.h"

#include <stdint.h>

struct object_reader {
    struct arena *arena;       // of the texts that are decoded
    struct findings *findings; // where faults go; the reader goes on after each
    // What an unknown key is. An error in a request that changes something, because a typing mistake
    // would change something else than was meant; a warning in a document, which a newer program may
    // have written.
    enum severity unknown_key;
    bool ignores_unknown_keys; // no finding at all: only some members of the object are looked at
};

// Decodes one value. `where` is its JSON pointer; `target` is the struct that object_decode was given.
typedef void member_decoder(struct object_reader *reader, const char *where, const json_t *value,
                            void *target);

enum member_type {
    MEMBER_LINE,    // const char *: a text of one line; a blank one counts as absent
    MEMBER_TEXT,    // const char *: a text of any lines; a blank one counts as absent
    MEMBER_STRING,  // const char *: a text as it is, a blank one too
    MEMBER_STRINGS, // struct strings: an array of such texts
    MEMBER_FLAG,    // bool
    MEMBER_INTEGER, // int64_t, from min to max
    MEMBER_ARRAY,   // const json_t *: borrowed from the JSON; at most `max` items
    MEMBER_OBJECT,  // const json_t *: borrowed from the JSON
    MEMBER_CUSTOM   // whatever `decode` makes of it
};

// A row. Members that are absent or null leave the target as it is.
struct object_member {
    const char *key; // as it stands in the document
    enum member_type type;
    size_t offset;          // in the target
    bool required;          // its absence is "key-missing"
    int64_t min;            // of an integer
    int64_t max;            // bytes of a text, items of an array, the largest number; 0 = no limit
    member_decoder *decode; // of MEMBER_CUSTOM
};

// Decodes every member of `object` that has a row; anything but an object is the error "wrong-type".
void object_decode(struct object_reader *reader, const char *where, const json_t *object,
                   const struct object_member *members, size_t count, void *target);

// ---- for decoders of single values ----

// Adds an error.
void object_add_error(struct object_reader *reader, const char *code, const char *where,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));

// Adds what a callee said, under our code and place. Running out of memory is not a fault of the input:
// it is remembered in findings->no_memory.
void object_add_cause(struct object_reader *reader, const char *code, const char *where,
                      const struct error *cause);

// Whether the value has the type (JSON_TRUE: both booleans; JSON_ARRAY and JSON_OBJECT: at most `max`
// items, 0 = no limit). Else an error.
bool object_is(struct object_reader *reader, const char *where, const json_t *value, json_type type,
               size_t max);

// A text, copied; at most `max` bytes (0 = no limit), of one line when `one_line`. NULL after an error.
const char *object_text(struct object_reader *reader, const char *where, const json_t *value,
                        size_t max, bool one_line);

// A zeroed array of at least one item. NULL is remembered as out of memory. Arena.
void *object_array(struct object_reader *reader, size_t count, size_t size);
