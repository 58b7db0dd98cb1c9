// SPDX-License-Identifier: MIT
// Which releases of a unit are selected: packages that require each other, or one alone. Used by one thread.
#pragma once

#include "registryd/rules/requires_graph.h"

// Settles the nodes of a unit. All that they require outside is settled. Sorts the nodes by name.
void requires_settle(struct requires *requires, struct requires_node **nodes, size_t count);
