// SPDX-License-Identifier: MIT
// Decisions for people: what the registry decided about the packages of groups, and which plugins a host therefore
// does not get. Used by resolve, discover, snapshot show and compare.
#pragma once

#include "client/cli/console/command.h"
#include "schema/decision.h"
#include "schema/record.h"

// Prints the decisions that withhold or warn, one row for each package, version and code, but not the pins;
// without any, nothing.
// Fails with: NO_MEMORY.
enum status decisions_print(struct cli *cli, const struct decisions *decisions, struct error *err);

// Prints the withheld plugins; their first finding is the decision. Without any, nothing. Fails with: NO_MEMORY.
enum status decisions_print_withheld(struct cli *cli, const struct records *withheld,
                                     struct error *err);
