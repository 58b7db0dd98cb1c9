// SPDX-License-Identifier: MIT
// Input that is one piece many times over, as those send it who want to exhaust a parser. For the test
// programs of the readers; everything is static.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/text.h"

#include <string.h>

// `count` times `piece` after `start`, as a file.
static struct text flood_repeat(struct arena *arena, const char *start, const char *piece,
                                size_t count) {
    size_t head = strlen(start);
    size_t each = strlen(piece);
    char *text = arena_alloc(arena, head + count * each + 1);
    memcpy(text, start, head);
    for (size_t i = 0; i < count; i++) {
        memcpy(text + head + i * each, piece, each);
    }
    return (struct text){text, head + count * each};
}

struct flood {
    const char *start;
    const char *piece;
    size_t count;
    const char *where;
};
