// SPDX-License-Identifier: MIT
// Building tables and their changed copies.
#include "registryd/index/group_table.h"

#include <string.h>

// An empty table with room for `capacity` packages; NULL when out of memory.
static struct group_table *make_table(const char *group, size_t capacity, int64_t serial) {
    struct arena *arena = arena_new(0);
    struct group_table *table = arena ? arena_alloc(arena, sizeof *table) : NULL;
    if (!table) {
        arena_free(arena);
        return NULL;
    }
    atomic_init(&table->references, 1);
    table->arena = arena;
    table->serial = serial;
    table->group = arena_strdup(arena, group);
    table->packages = arena_array(arena, capacity, sizeof(struct package *));
    if (!table->group || !table->packages) {
        group_table_unref(table);
        return NULL;
    }
    return table;
}

enum status group_table_new(const char *group, const struct candidates *candidates,
                            struct group_table **ret_table, struct error *err) {
    scoped(cleanup_group_table) struct group_table *table =
        make_table(group, candidates->count, candidates->point.serial);
    if (!table) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < candidates->count; i++) {
        enum status status =
            package_new(&candidates->packages[i], &table->packages[table->count], err);
        if (status) {
            return status;
        }
        table->count++;
    }
    *ret_table = take(table);
    return STATUS_OK;
}

// Where `name` is, or would be.
static size_t position_of(const struct group_table *table, const char *name) {
    size_t low = 0;
    size_t high = table->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(table->packages[middle]->name, name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_at(const struct group_table *table, size_t position, const char *name) {
    return position < table->count && strcmp(table->packages[position]->name, name) == 0;
}

static void share(struct group_table *table, const struct group_table *old, size_t from,
                  size_t to) {
    for (size_t i = from; i < to; i++) {
        table->packages[table->count++] = package_ref(old->packages[i]);
    }
}

enum status group_table_replace(const struct group_table *old, const char *name,
                                const struct candidates *candidates, struct group_table **ret_table,
                                struct error *err) {
    int64_t serial =
        candidates->point.serial > old->serial ? candidates->point.serial : old->serial;
    scoped(cleanup_group_table) struct group_table *table =
        make_table(old->group, old->count + 1, serial);
    if (!table) {
        return fail_no_memory(err);
    }
    size_t position = position_of(old, name);
    share(table, old, 0, position);
    if (candidates->count) {
        enum status status =
            package_new(&candidates->packages[0], &table->packages[table->count], err);
        if (status) {
            return status;
        }
        table->count++;
    }
    share(table, old, position + (is_at(old, position, name) ? 1 : 0), old->count);
    *ret_table = take(table);
    return STATUS_OK;
}

const struct package *group_table_find(const struct group_table *table, const char *name) {
    size_t position = position_of(table, name);
    return is_at(table, position, name) ? table->packages[position] : NULL;
}

struct group_table *group_table_ref(struct group_table *table) {
    atomic_fetch_add_explicit(&table->references, 1, memory_order_relaxed);
    return table;
}

void group_table_unref(struct group_table *table) {
    if (!table || atomic_fetch_sub_explicit(&table->references, 1, memory_order_acq_rel) != 1) {
        return;
    }
    for (size_t i = 0; i < table->count; i++) {
        package_unref(table->packages[i]);
    }
    arena_free(table->arena);
}
