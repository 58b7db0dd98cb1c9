// SPDX-License-Identifier: MIT
// A whole selection: the tables of the groups asked for in, records and left-out releases out, in the
// order of every answer. Pure; any thread.
#pragma once

#include "registryd/index/group_table.h"
#include "registryd/index/selection.h"

// tables[i] is of query->groups[i]. The texts are borrowed from the tables and the query, or in the
// arena; the point is left to the caller.
// Fails with: INVALID (a fact cannot be read; `where` is "?PARAMETER"), NO_MEMORY.
enum status selection_make(struct arena *arena, const struct resolve_query *query,
                           struct group_table *const *tables, struct selection *ret_selection,
                           struct error *err);

// Copies every text of a selection into the arena. False when out of memory.
bool selection_own(struct arena *arena, struct selection *selection);
