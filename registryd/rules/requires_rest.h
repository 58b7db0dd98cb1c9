// SPDX-License-Identifier: MIT
// Packages that stay as they are: every requirement of the release that such a package gives by itself accepts what
// the required package gives by itself, and the required packages stay, too. That is the rule, and it is found without
// the graph: for each requirement one look-up of the name and one comparison of versions.
#pragma once

#include "registryd/rules/requires_graph.h"

// Sets `rest` of a new name, and of all names that are reached from it, to REST_STAYS or REST_MOVES.
void requires_rest_find(struct requires *requires, struct requires_name *name);

// Whether a release requires anything that the host does not have.
bool requires_rest_asks(struct requires *requires, const struct package_release *release);
