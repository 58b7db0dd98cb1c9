// SPDX-License-Identifier: MIT
// Core metadata (METADATA, PKG-INFO), versions 1.0 to 2.6: the file as Python's email parser reads
// it, every field with its line, what the registry needs of them parsed, and lints for whatever the
// specification forbids. A fault costs its field and nothing else. Immutable once read.
#pragma once

#include "schema/packaging/lint.h"
#include "schema/packaging/requirement/requirement.h"

enum core_metadata_field {
    METADATA_METADATA_VERSION,         // "2.1": of the format, not of the package
    METADATA_NAME,                     // as the author spells it
    METADATA_VERSION,                  // of the release
    METADATA_DYNAMIC,                  // since 2.2: fields of an sdist that a build may change
    METADATA_PLATFORM,                 // free text, from the times of distutils
    METADATA_SUPPORTED_PLATFORM,       // the same, of binaries
    METADATA_SUMMARY,                  // one line
    METADATA_DESCRIPTION,              // the README, here or in the body
    METADATA_DESCRIPTION_CONTENT_TYPE, // "text/markdown; variant=GFM"
    METADATA_KEYWORDS,                 // one text, joined by commas
    METADATA_HOME_PAGE,                // replaced by Project-URL
    METADATA_DOWNLOAD_URL,             // replaced by Project-URL
    METADATA_AUTHOR,                   // a name without an address
    METADATA_AUTHOR_EMAIL,             // mailboxes, joined by commas
    METADATA_MAINTAINER,
    METADATA_MAINTAINER_EMAIL,
    METADATA_LICENSE,            // free text; replaced by License-Expression
    METADATA_LICENSE_EXPRESSION, // since 2.4: SPDX, "MIT OR Apache-2.0"
    METADATA_LICENSE_FILE,       // since 2.4: a path below .dist-info/licenses
    METADATA_CLASSIFIER,         // "Framework :: Django"
    METADATA_REQUIRES_DIST,      // a requirement (PEP 508)
    METADATA_REQUIRES_PYTHON,    // specifiers: ">=3.9"
    METADATA_REQUIRES_EXTERNAL,  // what no Python tool can install
    METADATA_PROJECT_URL,        // a label, a comma, an address
    METADATA_PROVIDES_EXTRA,     // the name of an extra
    METADATA_IMPORT_NAME,        // since 2.5: "crm", or "crm; private"
    METADATA_IMPORT_NAMESPACE,   // since 2.5: a namespace it adds to
    METADATA_PROVIDES_DIST,      // also provides another distribution
    METADATA_OBSOLETES_DIST,     // replaces another distribution
    METADATA_REQUIRES,           // of modules, before Requires-Dist
    METADATA_PROVIDES,           // of modules, before Provides-Dist
    METADATA_OBSOLETES,          // of modules, before Obsoletes-Dist
    METADATA_FIELD_COUNT
};

// "Requires-Dist: attrs" in line 7 is {"attrs", 7}.
struct core_metadata_value {
    const char *text; // folded lines joined
    size_t line;      // in the file, from 1
};

struct core_metadata_values {
    struct core_metadata_value *items; // in the order of the file
    size_t count;
    size_t capacity;
};

struct core_metadata {
    // Every field as it stands in the file, folded lines joined as importlib.metadata joins them; the
    // body is the last value of METADATA_DESCRIPTION.
    struct core_metadata_values values[METADATA_FIELD_COUNT];

    // Parsed; NULL or 0 where a field is missing or wrong. A list holds the good ones.
    const char *normalized_name;
    const struct version *version;                 // NULL: missing or invalid
    const struct specifier_set *requires_python;   // NULL: none, or it cannot be parsed
    const struct requirement *const *requirements; // those that could be parsed
    size_t requirement_count;
    const char *const *extras; // normalised, each once, in the order of the file
    size_t extra_count;
    const char *description; // of the body or the header, "|" margins removed
    bool has_body;           // text stands behind the header

    struct lints lints; // what is wrong, by line
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
