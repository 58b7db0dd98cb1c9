// SPDX-License-Identifier: MIT
// Core metadata (METADATA, PKG-INFO), versions 1.0 to 2.6: the file as Python's email parser reads
// it, every field with its line, what the registry needs of them parsed, and lints for whatever the
// specification forbids. A fault costs its field and nothing else. Immutable once read.
#pragma once

#include "schema/packaging/lint.h"
#include "schema/packaging/requirement/requirement.h"

enum core_metadata_field {
    METADATA_METADATA_VERSION,
    METADATA_NAME,
    METADATA_VERSION,
    METADATA_DYNAMIC,
    METADATA_PLATFORM,
    METADATA_SUPPORTED_PLATFORM,
    METADATA_SUMMARY,
    METADATA_DESCRIPTION,
    METADATA_DESCRIPTION_CONTENT_TYPE,
    METADATA_KEYWORDS,
    METADATA_HOME_PAGE,
    METADATA_DOWNLOAD_URL,
    METADATA_AUTHOR,
    METADATA_AUTHOR_EMAIL,
    METADATA_MAINTAINER,
    METADATA_MAINTAINER_EMAIL,
    METADATA_LICENSE,
    METADATA_LICENSE_EXPRESSION,
    METADATA_LICENSE_FILE,
    METADATA_CLASSIFIER,
    METADATA_REQUIRES_DIST,
    METADATA_REQUIRES_PYTHON,
    METADATA_REQUIRES_EXTERNAL,
    METADATA_PROJECT_URL,
    METADATA_PROVIDES_EXTRA,
    METADATA_IMPORT_NAME,
    METADATA_IMPORT_NAMESPACE,
    METADATA_PROVIDES_DIST,
    METADATA_OBSOLETES_DIST,
    METADATA_REQUIRES,
    METADATA_PROVIDES,
    METADATA_OBSOLETES,
    METADATA_FIELD_COUNT
};

struct core_metadata_value {
    const char *text;
    size_t line;
};

struct core_metadata_values {
    struct core_metadata_value *items;
    size_t count;
    size_t capacity;
};

struct core_metadata {
    // Every field as it stands in the file, folded lines joined as importlib.metadata joins them; the
    // body is the last value of METADATA_DESCRIPTION.
    struct core_metadata_values values[METADATA_FIELD_COUNT];

    // Parsed; NULL or 0 where a field is missing or wrong. A list holds the good ones.
    const char *normalized_name;
    const struct version *version;
    const struct specifier_set *requires_python;
    const struct requirement *const *requirements;
    size_t requirement_count;
    const char *const *extras; // normalised, each once, in the order of the file
    size_t extra_count;
    const char *description; // of the body or the header, "|" margins removed
    bool has_body;

    struct lints lints;
};

// Reads the bytes of a file. Arena. What is wrong inside it is in the lints; a file without a good
// Metadata-Version, Name and Version has errors there.
// Fails with: INVALID (not UTF-8, a NUL byte), TOO_LARGE (LIMIT_METADATA_BYTES), NO_MEMORY.
enum status core_metadata_parse(struct arena *arena, struct text bytes,
                                const struct core_metadata **ret_metadata, struct error *err);

// The first value of a field, or NULL. Borrowed.
const char *core_metadata_find(const struct core_metadata *metadata,
                               enum core_metadata_field field);

// The name of a field ("Requires-Dist"). Static.
const char *core_metadata_field_name(enum core_metadata_field field);

// Finds a field by its name, in any case.
bool core_metadata_field_find(struct text name, enum core_metadata_field *ret_field);

// The pieces of Keywords between its commas, trimmed, the empty ones left out. Arena.
// Fails with: NO_MEMORY.
enum status core_metadata_keywords(struct arena *arena, const struct core_metadata *metadata,
                                   const char *const **ret_keywords, size_t *ret_count,
                                   struct error *err);
