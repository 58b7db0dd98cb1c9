// SPDX-License-Identifier: MIT
// Open addressing, at most half full. The texts were published by those who may publish, and a table
// lives for one question, so the hash needs no key.
#include "registryd/candidates/requirement_memo.h"

#include <stdbool.h>
#include <string.h>

// A power of two, so that a mask replaces the division.
enum { FIRST_CAPACITY = 64 };

// The search ends, because at least half of the slots are free.
static struct requirement_memo_slot *find_place(const struct requirement_memo *memo, uint32_t hash,
                                                const char *text) {
    size_t at = hash & (memo->capacity - 1);
    while (memo->slots[at].text &&
           (memo->slots[at].hash != hash ||
            (memo->slots[at].text != text && strcmp(memo->slots[at].text, text) != 0))) {
        at = (at + 1) & (memo->capacity - 1);
    }
    return &memo->slots[at];
}

// Each slot keeps its hash, so no text is hashed again.
static bool grow(struct requirement_memo *memo, struct arena *arena) {
    size_t capacity = memo->capacity ? memo->capacity * 2 : FIRST_CAPACITY;
    struct requirement_memo grown = {.slots = arena_array(arena, capacity, sizeof *grown.slots),
                                     .capacity = capacity,
                                     .count = memo->count};
    if (!grown.slots) {
        return false;
    }
    for (size_t i = 0; i < memo->capacity; i++) {
        const struct requirement_memo_slot *slot = &memo->slots[i];
        if (slot->text) {
            *find_place(&grown, slot->hash, slot->text) = *slot;
        }
    }
    *memo = grown;
    return true;
}

struct requirement_memo_slot *requirement_memo_find(struct requirement_memo *memo,
                                                    struct arena *arena, const char *text,
                                                    uint32_t hash) {
    if (memo->count * 2 >= memo->capacity && !grow(memo, arena)) {
        return NULL;
    }
    struct requirement_memo_slot *slot = find_place(memo, hash, text);
    if (!slot->text) {
        *slot = (struct requirement_memo_slot){.hash = hash, .text = text};
        memo->count++;
    }
    return slot;
}
