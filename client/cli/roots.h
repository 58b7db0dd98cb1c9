// SPDX-License-Identifier: MIT
// The ROOT arguments of walk and compare: PATH, or LABEL=PATH.
#pragma once

#include "client/cli/command.h"
#include "client/source_walk.h"

// The arguments from index `from` on as a walk with the --convention given. Arena.
// Fails with: USAGE, NO_MEMORY.
enum status roots_parse(struct cli *cli, size_t from, struct walk_query *ret_query,
                        struct error *err);
