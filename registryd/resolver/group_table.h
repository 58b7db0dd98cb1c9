// SPDX-License-Identifier: MIT
// The candidates of one group: its packages, sorted by name, in leaves of a few hundred. Immutable and
// counted by reference: a change makes a new table that copies one leaf and shares the others, so it
// costs about the same in a group of ten and of a hundred thousand packages. Any thread.
#pragma once

#include "registryd/resolver/package.h"

enum { GROUP_LEAF_MAX = 256 };

struct group_leaf {
    atomic_int references;
    uint32_t count;
    struct package *packages[]; // sorted by name
};

struct group_table {
    atomic_int references;
    const char *group; // "" = of all groups
    size_t count;      // of packages
    int64_t serial;    // of the newest database snapshot that went into it
    size_t leaf_count;
    struct group_leaf **leaves; // none is empty
};

// An empty table. Owned: group_table_unref; NULL when out of memory.
struct group_table *group_table_new(const char *group, int64_t serial);

// The table of packages that are sorted by name; takes a reference to each. Owned; NULL when out of
// memory.
struct group_table *group_table_build(const char *group, int64_t serial,
                                      struct package *const *packages, size_t count);

// A copy of `old` in which the package `name` is `package` now: put in, replaced, or left out when it is
// NULL. `serial`: of the database snapshot the package is from. Owned; NULL when out of memory.
struct group_table *group_table_replace(const struct group_table *old, const char *name,
                                        struct package *package, int64_t serial);

// Borrowed from the table; NULL when it has no such package.
struct package *group_table_find(const struct group_table *table, const char *name);

// A place in a table, for going through it in the order of names.
struct group_cursor {
    const struct group_table *table;
    size_t leaf;
    uint32_t at;
};

// The first package of which the name is not before `name`; "" = the first of all.
struct group_cursor group_table_seek(const struct group_table *table, const char *name);
// The package at the cursor, which moves on; NULL at the end. Borrowed.
const struct package *group_cursor_next(struct group_cursor *cursor);

struct group_table *group_table_ref(struct group_table *table);
void group_table_unref(struct group_table *table);

CLEANUP_DEFINE(struct group_table *, cleanup_group_table, group_table_unref)
