// SPDX-License-Identifier: MIT
// The question that a snapshot answers, as one line of text that daemon and client write alike, byte for
// byte: the parameters of the query as they were sent, percent-encoded, sorted, each once. What only
// says how the answer is handed over (explain, limit, cursor, min_serial, min_epoch) is no part of it; the
// environment always is.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/text.h"

struct query_parameter {
    const char *name;
    const char *value; // NULL: the part is left out
};

// The text: "environment=default&group=a&group=b&python=3.11". Sorts `parts` in place. Arena; NULL when
// out of memory.
const char *query_string_write(struct arena *arena, struct query_parameter *parts, size_t count);

// Whether the text names no group at all (it asks for every one), or this one.
bool query_string_has_group(const char *query, const char *group);

// Appends the text percent-encoded: all but letters, digits and "-._~".
void query_string_add_encoded(struct buffer *buffer, const char *text);
