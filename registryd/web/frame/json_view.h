// SPDX-License-Identifier: MIT
// JSON that a page shows: manifests, schemas, documents of environments, summaries of reports. The only place
// in web that parses or prints JSON. Nothing here builds JSON, and no page talks to a handler by it: what a
// form does is a use case of api/.
#pragma once

#include <jansson.h>
#include <stdbool.h>

// A stored JSON text, to be looked into. Owned; NULL when it is NULL or no JSON, or out of memory.
json_t *json_view_parse(const char *text);
// The same of bytes that do not end in a NUL: a kept answer.
json_t *json_view_parse_bytes(const char *bytes, size_t len);

// As text for people: one line, or indented. Owned (free); NULL when out of memory.
char *json_view_print(const json_t *value, bool is_indented);
