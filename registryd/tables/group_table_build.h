// SPDX-License-Identifier: MIT
// Tables of packages: built when a group is loaded, and copied at every change. A changed table copies one
// leaf and shares the others, so a change costs about the same in a group of ten and of a hundred thousand
// packages. Counted by reference; any thread.
#pragma once

#include "registryd/candidates/group_table.h"
#include "registryd/tables/package_pack.h"

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

struct group_table *group_table_ref(struct group_table *table);
void group_table_unref(struct group_table *table);

CLEANUP_DEFINE(struct group_table *, cleanup_group_table, group_table_unref)
