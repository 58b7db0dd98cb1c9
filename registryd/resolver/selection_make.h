// SPDX-License-Identifier: MIT
// A whole selection: the tables of the groups asked for in, records and left-out releases out, in the
// order of every answer, or one page of them. Pure; any thread.
#pragma once

#include "registryd/resolver/selection_sources.h"

// When the selection names `unloaded` packages, it is made again once they are in `further`.
// The texts are borrowed from the sources or in the arena; the point is left to the caller.
// Fails with: INVALID (a fact or the cursor cannot be read; `where` is "?PARAMETER"), CONFLICT (the question
// overrides a fact of a frozen environment), NO_MEMORY.
enum status selection_make(struct arena *arena, const struct selection_sources *sources,
                           struct selection *ret_selection, struct error *err);

// Copies every text of a selection into the arena. False when out of memory.
bool selection_own(struct arena *arena, struct selection *selection);
