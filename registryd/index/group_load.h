// SPDX-License-Identifier: MIT
// Groups come into memory when they are first asked for: one thread loads, the others wait for it. A
// change that the feed sees meanwhile is never lost.
#pragma once

#include "registryd/index/index_state.h"

// The package as a table in memory has it already, if it is the same: a package is kept once, however many groups
// it is in. Steals `package`; owned.
struct package *group_load_share(struct index *index, struct package *package);

// A table as the database has it, put in nowhere, and the point of its first page. Owned: group_table_unref.
// Fails with: UNAVAILABLE, NO_MEMORY, INTERNAL.
enum status group_load_aside(struct index *index, const char *group, struct group_table **ret_table,
                             struct history_point *ret_first, struct error *err);

// The tables of groups, from memory or the store. ret_tables[i] are owned: group_table_unref each.
// Several groups are of one state of the registry, so that a release is seen in all of them or in none.
// Fails with: UNAVAILABLE (not in memory, or not of one state, and the store is away; or no common
// state was found in two seconds), NO_MEMORY, INTERNAL.
enum status group_load(struct index *index, const char *const *groups, size_t count,
                       struct group_table **ret_tables, struct error *err);
