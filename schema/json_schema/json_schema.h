// SPDX-License-Identifier: MIT
// JSON Schema, draft 2020-12 (https://json-schema.org/draft/2020-12/json-schema-core and -validation): what a group says
// of its plugins' manifests and settings. All keywords that decide are known; `format`, `content…` and the rest are notes
// for people. A schema refers to nothing outside its own document, except to the description of schemas itself.
//
// Both sides may be hostile. Reading is bounded by the size of the document. Checking takes at most JSON_SCHEMA_STEPS
// steps (a keyword at a value, two values compared, a character against a pattern's instruction) and nests at most
// JSON_SCHEMA_DEPTH deep. What goes beyond is refused with a sentence that says so.
#pragma once

#include "schema/finding.h"

#include <jansson.h>

enum {
    JSON_SCHEMA_STEPS = 2000000,
    JSON_SCHEMA_DEPTH = 160, // schemas within schemas at one moment, references included
};

#define JSON_SCHEMA_DIALECT "https://json-schema.org/draft/2020-12/schema"

struct json_schema; // read once, never changed: any thread may check with it

// Reads a schema, an object or a boolean. `document` is borrowed and must outlive the schema, which lives in `arena`.
// Each mistake is a finding with its JSON pointer in the document; a key that is no keyword but nearly one is a warning.
// The codes are schema-keyword (a value of the wrong kind), schema-pattern, schema-reference, schema-dialect and
// schema-unknown-keyword. Fails with: INVALID (`err` is the first mistake), NO_MEMORY.
enum status json_schema_read(struct arena *arena, const json_t *document, struct findings *findings,
                             struct json_schema **ret_schema, struct error *err);

// Checks a value. Each mistake is a finding whose place is `where` with the JSON pointer in the value behind it, and whose
// hint names the keyword that refuses. The codes are schema-mismatch and schema-too-costly.
// Fails with: INVALID (`err` is the first mistake), NO_MEMORY.
enum status json_schema_check(const struct json_schema *schema, const json_t *value,
                              const char *where, struct findings *findings, struct error *err);
