// SPDX-License-Identifier: MIT
// What the core_metadata_*.c files share and nobody else: the table of fields, the lints, and the
// steps of reading.
#pragma once

#include "schema/packaging/metadata/core_metadata.h"

struct core_metadata_row {
    const char *name;
    int since; // the first version that has it, 21 for 2.1
    bool multiple;
    struct lint_kind
        invalid; // what a bad value is called where documents have a code for it, or code NULL
};

extern const struct core_metadata_row core_metadata_rows[METADATA_FIELD_COUNT];

enum core_metadata_lint {
    METADATA_LINT_BOM,
    METADATA_LINT_HEADER,
    METADATA_LINT_NO_BLANK_LINE,
    METADATA_LINT_UNKNOWN_FIELD,
    METADATA_LINT_DUPLICATE_FIELD,
    METADATA_LINT_MISSING_FIELD,
    METADATA_LINT_VERSION_NEWER,
    METADATA_LINT_VERSION_NEVER,
    METADATA_LINT_VERSION_UNKNOWN,
    METADATA_LINT_FIELD_NEWER,
    METADATA_LINT_FIELD_INVALID,
    METADATA_LINT_LICENSE_TWICE,
    METADATA_LINT_URL_LABEL,
    METADATA_LINT_URL_LABEL_TWICE,
    METADATA_LINT_DESCRIPTION_TWICE,
    METADATA_LINT_EXTRA_CLASH,
    METADATA_LINT_COUNT
};

extern const struct lint_kind core_metadata_lints[METADATA_LINT_COUNT];

// The fields checked and parsed.
enum status core_metadata_check(struct arena *arena, struct core_metadata *metadata,
                                struct error *err);
