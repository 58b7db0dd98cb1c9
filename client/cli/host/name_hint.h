// SPDX-License-Identifier: MIT
// "Did you mean": the name that a registry knows beside the one that was not found.
#pragma once

#include "client/cli/console/command.h"

// After a command failed with NOT_FOUND: prints the nearest package, group or environment for the first of its
// arguments that the registry does not have. Prints nothing when none is near, or when the registry cannot say.
void name_hint_print(struct cli *cli);
