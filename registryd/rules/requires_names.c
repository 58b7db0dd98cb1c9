// SPDX-License-Identifier: MIT
// Open addressing, at most half full. Hashes are those made when the packages were loaded: a package costs a few
// instructions here, while a search in a sorted table of ten thousand compares fourteen names.
#include "registryd/rules/requires_names.h"

#include "registryd/candidates/requirement_name.h"

enum { FIRST_CAPACITY = 64 };

static struct requires_name *find_place(const struct requires_names *names, const char *requirement,
                                        uint32_t hash) {
    size_t at = hash & (names->capacity - 1);
    const struct requires_name *item = &names->items[at];
    while (item->name && (item->hash != hash || !requirement_asks_for(requirement, item->name))) {
        at = (at + 1) & (names->capacity - 1);
        item = &names->items[at];
    }
    return &names->items[at];
}

// Makes room for `more` names.
static bool reserve(struct requires_names *names, struct arena *arena, size_t more) {
    size_t capacity = names->capacity ? names->capacity : FIRST_CAPACITY;
    while (capacity < 2 * (names->count + more)) {
        capacity *= 2;
    }
    if (capacity == names->capacity) {
        return true;
    }
    struct requires_names grown = {.items = arena_array(arena, capacity, sizeof *grown.items),
                                   .capacity = capacity,
                                   .count = names->count};
    if (!grown.items) {
        return false;
    }
    for (size_t i = 0; i < names->capacity; i++) {
        const struct requires_name *item = &names->items[i];
        if (item->name) {
            *find_place(&grown, item->name, item->hash) = *item;
        }
    }
    *names = grown;
    return true;
}

struct requires_name *requires_names_find(struct requires_names *names, struct arena *arena,
                                          const char *requirement, uint32_t hash) {
    return reserve(names, arena, 1) ? find_place(names, requirement, hash) : NULL;
}

bool requires_names_fill(struct requires_names *names, struct arena *arena,
                         struct group_table *const *tables, size_t table_count) {
    for (size_t i = 0; i < table_count; i++) {
        if (!reserve(names, arena, tables[i]->count)) {
            return false;
        }
        struct group_cursor cursor = group_table_seek(tables[i], "");
        const struct package *package = group_cursor_next(&cursor);
        for (; package; package = group_cursor_next(&cursor)) {
            struct requires_name *item = find_place(names, package->name, package->name_hash);
            if (!item->name) {
                *item = (struct requires_name){package->name, package, NULL, package->name_hash};
                names->count++;
            }
        }
    }
    return true;
}
