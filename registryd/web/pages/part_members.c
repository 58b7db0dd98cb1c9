// SPDX-License-Identifier: MIT
// A selection may hold a hundred thousand records, so a kept answer is written straight to its buffer and no tree is
// made of it. Reading makes the tree of a few kilobytes, and copies the texts out of it.
#include "registryd/web/pages/part_members.h"

#include "schema/json/json.h"

#include <string.h>

bool part_add_string(struct buffer *body, const char *before, const char *text) {
    buffer_add_string(body, before);
    return json_write_string(body, text, strlen(text));
}

size_t part_size(const json_t *object, const char *name) {
    return (size_t)json_integer_value(json_object_get(object, name));
}

const char *part_copy(struct arena *arena, const json_t *object, const char *name) {
    return arena_strdup(arena, json_string_value(json_object_get(object, name)));
}
