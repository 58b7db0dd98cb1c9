// SPDX-License-Identifier: MIT
// Selection: candidates and a question in, records and left-out releases out. Per package the newest
// fitting release is taken, over all its releases and whatever the group; the group is then filled
// from that release alone, so a newer release that dropped the group removes the plugin from it.
// Pure; any thread.
#pragma once

#include "registryd/index/group_table.h"
#include "registryd/index/selection.h"

struct select_query {
    const struct version *python; // NULL = any
    bool prereleases;             // take pre-releases like final ones
};

// The release of a package that a query takes, or NULL. Pre-releases are taken when the query allows
// them, or when no final release fits. Borrowed from the package.
const struct package_release *select_release(const struct package *package,
                                             const struct select_query *query);

// Appends the records of a table. Their texts are borrowed from the table.
// Fails with: NO_MEMORY.
enum status select_records(struct arena *arena, const struct group_table *table,
                           const struct select_query *query, struct records *records,
                           struct error *err);

// Appends every release of the package that was left out, newest first, with the reason.
// Fails with: NO_MEMORY.
enum status select_exclusions(struct arena *arena, const struct package *package,
                              const struct select_query *query, struct exclusions *exclusions,
                              struct error *err);
