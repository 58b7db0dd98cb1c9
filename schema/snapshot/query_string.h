// SPDX-License-Identifier: MIT
// The question that a snapshot answers, as one line of text that daemon and client write alike, byte for
// byte: the parameters of the query as they were sent, percent-encoded, sorted, each once. What only
// says how the answer is handed over (explain, limit, cursor, min_serial) is no part of it; the
// environment always is.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/text.h"

struct question_part {
    const char *name;
    const char *value; // NULL: the part is left out
};

// The text: "environment=default&group=a&group=b&python=3.11". Sorts `parts` in place. Arena; NULL when
// out of memory.
const char *question_write(struct arena *arena, struct question_part *parts, size_t count);

// Whether the text names no group at all (it asks for every one), or this one.
bool question_has_group(const char *question, const char *group);

// Appends the text percent-encoded: all but letters, digits and "-._~".
void question_add_encoded(struct buffer *buffer, const char *text);
