// SPDX-License-Identifier: MIT
// The candidates of one group: its packages, sorted by name. Immutable and counted by reference: a
// change makes a new table that shares every other package. Any thread.
#pragma once

#include "registryd/index/package.h"
#include "schema/base/cleanup.h"

struct group_table {
    atomic_int references;
    struct arena *arena;
    const char *group;
    struct package **packages; // sorted by name
    size_t count;
    int64_t serial; // of the newest database snapshot that went into it
};

// The table of what the store gave. *ret_table is owned: group_table_unref. Fails with: NO_MEMORY.
enum status group_table_new(const char *group, const struct candidates *candidates,
                            struct group_table **ret_table, struct error *err);

// A copy of `old` in which the package `name` is what the store gave now: put in, replaced, or left
// out when it gave none. *ret_table is owned. Fails with: NO_MEMORY.
enum status group_table_replace(const struct group_table *old, const char *name,
                                const struct candidates *candidates, struct group_table **ret_table,
                                struct error *err);

// Borrowed from the table; NULL when it has no such package.
const struct package *group_table_find(const struct group_table *table, const char *name);

struct group_table *group_table_ref(struct group_table *table);
void group_table_unref(struct group_table *table);

CLEANUP_DEFINE(struct group_table *, cleanup_group_table, group_table_unref)
