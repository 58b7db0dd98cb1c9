// SPDX-License-Identifier: MIT
// The plugins of publish --all: every place under the roots, and which of them a host that walks these
// roots would not load, because an earlier root has the same.
#pragma once

#include "client/cli/input/projects.h"

// Fills *ret_outcomes with a place each. Arena.
// Fails with: USAGE (no such root, no such convention), IO, NO_MEMORY.
enum status places_list(struct cli *cli, struct outcomes *ret_outcomes, struct error *err);
