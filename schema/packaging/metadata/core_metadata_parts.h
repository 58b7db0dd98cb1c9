// SPDX-License-Identifier: MIT
// What the core_metadata_*.c files alone share: the table of fields, the lints, and the
// steps of reading.
#pragma once

#include "schema/packaging/metadata/core_metadata.h"

struct core_metadata_row {
    const char *name; // as the standard spells it
    int since;        // the first version that has it, 21 for 2.1
    bool multiple;    // it may stand more than once
    struct lint_kind
        invalid; // what a bad value is called where documents have a code for it, or code NULL
};

extern const struct core_metadata_row core_metadata_rows[METADATA_FIELD_COUNT];

enum core_metadata_lint {
    METADATA_LINT_BOM,             // a byte order mark begins the file
    METADATA_LINT_HEADER,          // a line without a field's name
    METADATA_LINT_NO_BLANK_LINE,   // the body begins without one before it
    METADATA_LINT_UNKNOWN_FIELD,   // no version of the standard has it
    METADATA_LINT_DUPLICATE_FIELD, // a field that may stand only once
    METADATA_LINT_MISSING_FIELD,   // Metadata-Version, Name or Version
    METADATA_LINT_VERSION_NEWER,   // newer than what is known here
    METADATA_LINT_VERSION_NEVER,   // no version of the standard
    METADATA_LINT_VERSION_UNKNOWN, // it cannot be read
    METADATA_LINT_FIELD_NEWER,     // newer than the version that the file declares
    METADATA_LINT_FIELD_INVALID,   // the value breaks the rule of its field
    METADATA_LINT_LICENSE_TWICE,   // License beside License-Expression
    METADATA_LINT_URL_LABEL,
    METADATA_LINT_URL_LABEL_TWICE,   // two URLs with one label
    METADATA_LINT_DESCRIPTION_TWICE, // in a field and in the body
    METADATA_LINT_EXTRA_CLASH,       // two extras with one normal form
    METADATA_LINT_COUNT
};

extern const struct lint_kind core_metadata_lints[METADATA_LINT_COUNT];

// The fields checked and parsed.
// Adds lints and fills the parsed members of `metadata`. A lint costs its field and never the call.
enum status core_metadata_check(struct arena *arena, struct core_metadata *metadata,
                                struct error *err);
