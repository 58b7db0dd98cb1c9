// SPDX-License-Identifier: MIT
// The candidates of one group: its packages, sorted by name, in leaves of a few hundred. Plain data that
// does not change; registryd/tables builds and shares it. Any thread.
#pragma once

#include "registryd/candidates/package.h"

enum { GROUP_LEAF_MAX = 256 };

// A change copies the leaf of its package. All other leaves are shared by the old table and the new
// one.
struct group_leaf {
    uint32_t count;
    struct package *packages[]; // sorted by name
};

struct group_table {
    const char *group; // "" = of all groups
    size_t count;      // of packages
    int64_t serial;    // of the newest database snapshot that went into it
    size_t leaf_count;
    struct group_leaf **leaves; // none is empty
};

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
