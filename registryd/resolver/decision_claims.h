// SPDX-License-Identifier: MIT
// Which decisions also hold for plugins of an unknown package that have the same name in the same group.
// Only who may publish in the group can switch a name off there, and only a package of the group's owner takes the
// name of a plugin that a host has in a directory. Pure; used by one thread.
#pragma once

#include "registryd/resolver/matches.h"
#include "registryd/resolver/selection_sources.h"

// Adds the rows of the code owner: for each group of the matches that has an owner, one row for all packages when they
// are all the owner's, else one for each that is. Fails with: NO_MEMORY.
enum status decision_claims_add_owners(struct arena *arena, const struct selection_sources *sources,
                                       const struct matches *matches, struct decisions *decisions,
                                       struct error *err);

// Sets `by_name` of the rows quarantined and disabled. Fails with: NO_MEMORY.
enum status decision_claims_settle(struct arena *arena, const struct selection_sources *sources,
                                   const struct matches *matches, struct decisions *decisions,
                                   struct error *err);
