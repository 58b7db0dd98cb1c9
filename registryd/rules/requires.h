// SPDX-License-Identifier: MIT
// Requirements between packages of the registry, for one question: which release a package really gets when
// the packages that it requires, and theirs, are selected too. docs/RESOLUTION.md has the rules, and
// requires_unit.c the ones for packages that require each other. Used by one thread.
#pragma once

#include "registryd/rules/requires_graph.h"

// The release that is selected of a package; NULL = none. Out of memory shows in facts->no_memory.
const struct package_release *requires_choose(struct requires *requires,
                                              const struct package *package);

// Why a release that fits by itself was passed over for what it requires, as a sentence in the arena of the
// facts; NULL when it was not, or out of memory. The package was chosen from before.
const char *requires_describe(struct requires *requires, const struct package *package,
                              const struct package_release *release);

// Adds a warning for each requirement of a selected release that names something neither the registry nor the
// environment knows. An environment that states nothing that it has gets none.
void requires_warn(struct requires *requires, const struct package_release *release,
                   struct findings *findings);
