// SPDX-License-Identifier: MIT
// The pieces of a kept answer of a page: members of JSON objects, written to a buffer and read again.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/text.h"

#include <jansson.h>

// `before` as it is ("{\"name\":"), then the text as a JSON string. False when the text is not UTF-8.
bool part_add_string(struct buffer *body, const char *before, const char *text);

// A number; 0 where there is no such member: writers leave some out.
size_t part_size(const json_t *object, const char *name);

// A text. Arena; NULL when it is not there, or out of memory.
const char *part_copy(struct arena *arena, const json_t *object, const char *name);
