// SPDX-License-Identifier: MIT
// The fields of a release document as one table: it drives decoding, encoding, the limits and the
// check that docs/RELEASE.md and release.schema.json know every field. Internal to the release codec
// and its rules.
#pragma once

#include "schema/release/release.h"

#include <stddef.h>

enum release_field_type {
    RELEASE_TEXT,         // const char * at `offset`
    RELEASE_STRINGS,      // struct strings at `offset`
    RELEASE_PEOPLE,       // authors
    RELEASE_URLS,         // project_urls
    RELEASE_ENTRY_POINTS, // entry_points
    RELEASE_MANIFESTS,    // manifests
    RELEASE_PROVENANCE,   // provenance
    RELEASE_FIELD_TYPES
};

// How much a text may hold besides its length.
enum text_shape { TEXT_ONE_LINE, TEXT_MANY_LINES };

// For example {"summary", RELEASE_TEXT, offsetof(struct release, summary), …, TEXT_ONE_LINE, …}. A
// new field is a row: decoder, encoder and limits follow.
struct release_field {
    const char *key; // in the document
    enum release_field_type type;
    size_t offset;           // of the member of struct release
    size_t max_bytes;        // of one text in it
    enum text_shape shape;   // one line or many
    const char *description; // for the documentation of the format
};

extern const struct release_field release_fields[];
extern const size_t release_field_count;

// The members of an author and of the provenance, all of them texts; offsets in their own structs.
enum { PERSON_FIELD_COUNT = 2, PROVENANCE_FIELD_COUNT = 4 };
extern const struct release_field person_fields[PERSON_FIELD_COUNT];
extern const struct release_field provenance_fields[PROVENANCE_FIELD_COUNT];

// The row of a key in a table, or NULL.
const struct release_field *release_field_find(const struct release_field *fields, size_t count,
                                               const char *key);

// The text of a row in its struct.
static inline const char **release_field_text(const struct release_field *field, void *base) {
    return (const char **)((char *)base + field->offset);
}
