// SPDX-License-Identifier: MIT
// The values that a schema gives to what a document leaves out: its "default"s. Pure; any thread.
#pragma once

#include <jansson.h>

// The members of an object that "default" under "properties" gives, level by level; a member whose own schema has
// properties with defaults is an object of these. Schemas under "allOf" and behind a "$ref" into the same document are
// looked into; those under "anyOf", "if" and the like are not, because they may not apply. Where two say different
// things, the first one counts. An object, empty when there are none. Owned; NULL when out of memory.
json_t *json_schema_defaults(const json_t *document);

// A copy of `defaults` with the members of `settings` over it: objects are merged, anything else is replaced. NULL
// for `settings` gives the defaults. Owned; NULL when out of memory.
json_t *json_schema_fill(const json_t *defaults, const json_t *settings);
