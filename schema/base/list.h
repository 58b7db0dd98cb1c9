// SPDX-License-Identifier: MIT
// Arrays: how many elements one has, and how one grows in an arena. Any thread.
#pragma once

#include "schema/base/arena.h"

// The number of elements of an array (not of a pointer).
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

// The array with room for at least one element more than `count`: `items` itself while `*capacity` is
// larger than `count`, else a copy of twice the size, and *capacity says how many fit. A list starts as
// NULL with capacity 0. The old array stays in the arena, so a list that may grow large should be
// counted first. NULL when out of memory; `items` and *capacity are then unchanged.
//
//     struct name *grown = list_grow(arena, list->items, list->count, &list->capacity, sizeof *grown);
//     if (!grown) {
//         return fail_no_memory(err);
//     }
//     list->items = grown;
//     list->items[list->count++] = name;
void *list_grow(struct arena *arena, void *items, size_t count, size_t *capacity, size_t size);
