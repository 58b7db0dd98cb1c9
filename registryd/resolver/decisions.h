// SPDX-License-Identifier: MIT
// The decisions of an answer: what the registry and the environment say about the packages of the groups
// asked for, for hosts that also find plugins in directories. docs/RESOLUTION.md lists the codes.
// Pure; used by one thread.
#pragma once

#include "registryd/rules/facts.h"
#include "registryd/resolver/matches.h"
#include "registryd/resolver/selection_sources.h"

// All rows, sorted. `matches` are the records of the whole answer, of all pages. Texts are borrowed from
// the sources or in the arena of the facts. Fails with: NO_MEMORY.
enum status decisions_make(struct facts *facts, const struct selection_sources *sources,
                           const struct matches *matches, struct decisions *ret_decisions,
                           struct error *err);
