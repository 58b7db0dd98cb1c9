// SPDX-License-Identifier: MIT
// What the parts of the packaging probe share: a question, and how answers are written.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/text.h"

#include <stdio.h>

enum { MAX_ARGUMENTS = 64 };

struct query {
    struct arena *arena; // for this question only
    struct text arguments[MAX_ARGUMENTS];
    size_t count;
};

struct verb {
    const char *name;
    size_t min_arguments;
    void (*answer)(const struct query *query);
};

// The verbs of each part; an array ends with a row without a name.
extern const struct verb version_verbs[];
extern const struct verb requirement_verbs[];
extern const struct verb tag_verbs[];
extern const struct verb file_verbs[];

// Writes text with bytes below 32, 127 and '\' as \xHH.
void put_text(struct text text);

// Writes "error", a tab and the wire name of the status.
void put_failure(enum status status);
