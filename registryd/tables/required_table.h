// SPDX-License-Identifier: MIT
// The table of packages that packages of other groups require. It also knows the names that the registry does not
// have: as packages without releases. Any thread.
#pragma once

#include "registryd/tables/group_table_build.h"

// Its name among the tables of groups. No group has it.
extern const char REQUIRED_GROUP[];

// A copy of `table` with a package as it is now, NULL for none. Owned; NULL when out of memory.
struct group_table *required_table_replace(const struct group_table *table, const char *name,
                                           struct package *package, int64_t serial);
