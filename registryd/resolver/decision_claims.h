// SPDX-License-Identifier: MIT
// Which decisions also hold for plugins of an unknown package that have the same name in the same group.
// Only who may publish in the group can switch a name off there. Pure; used by one thread.
#pragma once

#include "registryd/resolver/matches.h"
#include "registryd/resolver/selection_sources.h"

// Sets `by_name` of the rows quarantined and disabled. Fails with: NO_MEMORY.
enum status decision_claims_settle(struct arena *arena, const struct selection_sources *sources,
                                   const struct matches *matches, struct decisions *decisions,
                                   struct error *err);
