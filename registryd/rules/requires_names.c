// SPDX-License-Identifier: MIT
// Open addressing, at most half full. Hashes are those made when the packages were loaded: a package costs a few
// instructions here, while a search in a sorted table of ten thousand compares fourteen names. The names themselves
// are in one block a table, so that growing moves no name.
#include "registryd/rules/requires_names.h"

#include "registryd/candidates/requirement_name.h"

enum { FIRST_CAPACITY = 64 };

// The search ends, because at least half of the slots are free.
static struct requires_name **find_place(const struct requires_names *names,
                                         const char *requirement, uint32_t hash) {
    size_t at = hash & (names->capacity - 1);
    struct requires_name **slot = &names->slots[at];
    while (*slot && ((*slot)->hash != hash || !requirement_asks_for(requirement, (*slot)->name))) {
        at = (at + 1) & (names->capacity - 1);
        slot = &names->slots[at];
    }
    return slot;
}

struct requires_name *requires_names_find(const struct requires_names *names,
                                          const char *requirement, uint32_t hash) {
    return names->capacity ? *find_place(names, requirement, hash) : NULL;
}

// Where a name goes that is not there.
static struct requires_name **find_free(const struct requires_names *names, uint32_t hash) {
    size_t at = hash & (names->capacity - 1);
    while (names->slots[at]) {
        at = (at + 1) & (names->capacity - 1);
    }
    return &names->slots[at];
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
    struct requires_names grown = {.first = names->first,
                                   .slots = arena_array(arena, capacity, sizeof *grown.slots),
                                   .capacity = capacity,
                                   .count = names->count};
    if (!grown.slots) {
        return false;
    }
    for (size_t i = 0; i < names->capacity; i++) {
        if (names->slots[i]) {
            *find_free(&grown, names->slots[i]->hash) = names->slots[i];
        }
    }
    *names = grown;
    return true;
}

bool requires_names_add(struct requires_names *names, struct arena *arena,
                        struct requires_name *name) {
    if (!reserve(names, arena, 1)) {
        return false;
    }
    *find_free(names, name->hash) = name;
    names->count++;
    return true;
}

// *end is where the next name is linked.
static bool fill_table(struct requires_names *names, struct arena *arena,
                       const struct group_table *table, struct requires_name ***end) {
    struct requires_name *made = arena_array(arena, table->count + 1, sizeof *made);
    if (!made || !reserve(names, arena, table->count)) {
        return false;
    }
    bool is_first = !names->count;
    struct group_cursor cursor = group_table_seek(table, "");
    const struct package *package = group_cursor_next(&cursor);
    for (; package; package = group_cursor_next(&cursor)) {
        // A table has each name once.
        struct requires_name **slot = is_first
                                          ? find_free(names, package->name_hash)
                                          : find_place(names, package->name, package->name_hash);
        if (!*slot) {
            made->name = package->name;
            made->package = package;
            made->hash = package->name_hash;
            *slot = **end = made;
            *end = &made->next;
            names->count++;
            made++;
        }
    }
    return true;
}

bool requires_names_fill(struct requires_names *names, struct arena *arena,
                         struct group_table *const *tables, size_t table_count) {
    struct requires_name *first = NULL;
    struct requires_name **end = &first;
    for (size_t i = 0; i < table_count; i++) {
        if (!fill_table(names, arena, tables[i], &end)) {
            return false;
        }
    }
    names->first = first;
    return names->capacity || reserve(names, arena, 1);
}
