// SPDX-License-Identifier: MIT
// Open addressing, at most half full. The texts were published by those who may publish, and a table
// lives for one question, so the hash needs no key.
#include "registryd/resolver/requirement_memo.h"

#include <stdbool.h>
#include <string.h>

enum { FIRST_CAPACITY = 64 };

// FNV-1a.
static uint64_t hash_text(const char *text) {
    uint64_t hash = 14695981039346656037U;
    for (const char *c = text; *c; c++) {
        hash = (hash ^ (unsigned char)*c) * 1099511628211U;
    }
    return hash;
}

static struct verdict_slot *find_place(const struct verdicts *verdicts, uint64_t hash,
                                       const char *text) {
    size_t at = hash & (verdicts->capacity - 1);
    while (verdicts->slots[at].text &&
           (verdicts->slots[at].hash != hash || strcmp(verdicts->slots[at].text, text) != 0)) {
        at = (at + 1) & (verdicts->capacity - 1);
    }
    return &verdicts->slots[at];
}

static bool grow(struct verdicts *verdicts, struct arena *arena) {
    size_t capacity = verdicts->capacity ? verdicts->capacity * 2 : FIRST_CAPACITY;
    struct verdicts grown = {.slots = arena_array(arena, capacity, sizeof *grown.slots),
                             .capacity = capacity,
                             .count = verdicts->count};
    if (!grown.slots) {
        return false;
    }
    for (size_t i = 0; i < verdicts->capacity; i++) {
        const struct verdict_slot *slot = &verdicts->slots[i];
        if (slot->text) {
            *find_place(&grown, slot->hash, slot->text) = *slot;
        }
    }
    *verdicts = grown;
    return true;
}

struct verdict_slot *verdicts_find(struct verdicts *verdicts, struct arena *arena,
                                   const char *text) {
    if (verdicts->count * 2 >= verdicts->capacity && !grow(verdicts, arena)) {
        return NULL;
    }
    uint64_t hash = hash_text(text);
    struct verdict_slot *slot = find_place(verdicts, hash, text);
    if (!slot->text) {
        *slot = (struct verdict_slot){.hash = hash, .text = text};
        verdicts->count++;
    }
    return slot;
}
