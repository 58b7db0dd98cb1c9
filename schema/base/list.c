// SPDX-License-Identifier: MIT
// Growth by doubling: appending n elements copies fewer than 2 n of them.
#include "schema/base/list.h"

#include <string.h>

enum { FIRST_CAPACITY = 8 };

void *list_grow(struct arena *arena, void *items, size_t count, size_t *capacity, size_t size) {
    if (count < *capacity) {
        return items;
    }
    size_t wanted = *capacity ? *capacity * 2 : FIRST_CAPACITY;
    // The old array stays in the arena until that is freed.
    void *grown = wanted > count ? arena_array(arena, wanted, size) : NULL;
    if (!grown) {
        return NULL;
    }
    if (count) {
        memcpy(grown, items, count * size);
    }
    *capacity = wanted;
    return grown;
}
