// SPDX-License-Identifier: MIT
// The table behind release_fields.h. A new field is a row here, a property in release.schema.json, a
// line in docs/RELEASE.md and docs/FIELDS.md, and a valid and an invalid folder under tests/data/release.
// Whether a text has one line or many decides what it may hold: lines are shown as they are, long texts go
// through a renderer.
#include "schema/release/release_fields.h"

#include "schema/base/limits.h"
#include "schema/base/list.h"

#include <string.h>

#define AT(member) offsetof(struct release, member)

const struct release_field release_fields[] = {
    {"name", RELEASE_TEXT, AT(name), LIMIT_NAME_BYTES, TEXT_ONE_LINE, "package name, required"},
    {"version", RELEASE_TEXT, AT(version), LIMIT_VERSION_BYTES, TEXT_ONE_LINE,
     "PEP 440 version, required"},
    {"summary", RELEASE_TEXT, AT(summary), LIMIT_SHORT_TEXT_BYTES, TEXT_ONE_LINE,
     "one line for lists"},
    {"description", RELEASE_TEXT, AT(description), LIMIT_DESCRIPTION_BYTES, TEXT_MANY_LINES,
     "the long text, often a README"},
    {"description_content_type", RELEASE_TEXT, AT(description_content_type), LIMIT_SHORT_TEXT_BYTES,
     TEXT_ONE_LINE, "media type of the description"},
    {"requires_python", RELEASE_TEXT, AT(requires_python), LIMIT_SHORT_TEXT_BYTES, TEXT_ONE_LINE,
     "PEP 440 specifier set"},
    {"requires_dist", RELEASE_STRINGS, AT(requires_dist), LIMIT_REQUIREMENT_BYTES, TEXT_ONE_LINE,
     "PEP 508 requirements"},
    {"keywords", RELEASE_STRINGS, AT(keywords), LIMIT_SHORT_TEXT_BYTES, TEXT_ONE_LINE,
     "words for the search"},
    {"classifiers", RELEASE_STRINGS, AT(classifiers), LIMIT_SHORT_TEXT_BYTES, TEXT_ONE_LINE,
     "trove classifiers"},
    {"license_expression", RELEASE_TEXT, AT(license_expression), LIMIT_SHORT_TEXT_BYTES,
     TEXT_ONE_LINE, "SPDX licence expression"},
    {"authors", RELEASE_PEOPLE, AT(authors), LIMIT_SHORT_TEXT_BYTES, TEXT_ONE_LINE,
     "who wrote it: name, email or both"},
    {"project_urls", RELEASE_URLS, AT(project_urls), LIMIT_SHORT_TEXT_BYTES, TEXT_ONE_LINE,
     "label to URL"},
    {"entry_points", RELEASE_ENTRY_POINTS, AT(entry_points), LIMIT_ENTRY_VALUE_BYTES, TEXT_ONE_LINE,
     "group to name to object reference"},
    {"manifests", RELEASE_MANIFESTS, AT(manifests), LIMIT_DOCUMENT_BYTES, TEXT_MANY_LINES,
     "group to name to the host's own document"},
    {"provenance", RELEASE_PROVENANCE, AT(provenance), LIMIT_SHORT_TEXT_BYTES, TEXT_ONE_LINE,
     "where the document came from"},
};
const size_t release_field_count = COUNT_OF(release_fields);

const struct release_field person_fields[PERSON_FIELD_COUNT] = {
    {"name", RELEASE_TEXT, offsetof(struct person, name), LIMIT_SHORT_TEXT_BYTES, TEXT_ONE_LINE,
     "as it is written"},
    {"email", RELEASE_TEXT, offsetof(struct person, email), LIMIT_SHORT_TEXT_BYTES, TEXT_ONE_LINE,
     "one address"},
};

const struct release_field provenance_fields[PROVENANCE_FIELD_COUNT] = {
    {"convention", RELEASE_TEXT, offsetof(struct provenance, convention), LIMIT_NAME_BYTES,
     TEXT_ONE_LINE, "which reader made the document"},
    {"path", RELEASE_TEXT, offsetof(struct provenance, path), LIMIT_SHORT_TEXT_BYTES, TEXT_ONE_LINE,
     "the file it was read from"},
    {"sha256", RELEASE_TEXT, offsetof(struct provenance, sha256), LIMIT_NAME_BYTES, TEXT_ONE_LINE,
     "digest of that file, hexadecimal"},
    {"confidence", RELEASE_TEXT, offsetof(struct provenance, confidence), LIMIT_NAME_BYTES,
     TEXT_ONE_LINE, "artifact, declared or derived"},
};

const struct release_field *release_field_find(const struct release_field *fields, size_t count,
                                               const char *key) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(fields[i].key, key) == 0) {
            return &fields[i];
        }
    }
    return NULL;
}
