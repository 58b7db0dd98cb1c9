// SPDX-License-Identifier: MIT
// What the plugins of one group contribute, in directories and in the registry: held against each other by compare.
#pragma once

#include "client/cli/console/command.h"
#include "client/public/compare_sources.h"

// The report of contributions_compare for the group. Owned. Fails with: NO_MEMORY.
enum status compare_contributions(struct arena *arena, const struct compared_sources *sources,
                                  const char *group, json_t **ret_report, struct error *err);

// Prints what only one side has, below the comparison of the group; nothing when both agree. Fails with: NO_MEMORY.
enum status compare_contributions_print(struct cli *cli, const json_t *report, struct error *err);
