// SPDX-License-Identifier: MIT
// The packages that are required by packages of other groups: one table for all questions, which grows when a
// selection asks for a name that was not looked up yet. It also knows the names that the registry does not have:
// as packages without releases. The feed keeps it up to date like the table of a group, so an answer that looked
// into it is forgotten when one of its packages changes, and when a name becomes a package. Any thread.
#pragma once

#include "registryd/index/index_state.h"

enum { REQUIRED_MAX = 50000 }; // names in the table; then it begins anew

// The table as it is; owned: group_table_unref. NULL when nothing was asked for yet.
struct group_table *required_find(struct index *index);

// The table with the same names as the database has them now, in the epoch of `point`; put in nowhere. Owned.
// Fails as required_load.
enum status required_load_aside(struct index *index, const struct group_table *old,
                                const char *epoch, struct group_table **ret_table,
                                struct error *err);

// A table that has these names too. *ret_table is owned.
// Fails with: UNAVAILABLE (the store is away), NO_MEMORY, INTERNAL.
enum status required_load(struct index *index, const struct strings *names,
                          struct group_table **ret_table, struct error *err);
