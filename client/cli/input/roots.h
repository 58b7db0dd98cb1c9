// SPDX-License-Identifier: MIT
// Roots as people give them, as arguments or with --root: PATH, or LABEL=PATH.
#pragma once

#include "client/cli/console/command.h"
#include "client/walk/source_walk.h"

// The arguments from index `from` on as a walk with the --convention given. Arena.
// Fails with: USAGE, NO_MEMORY.
enum status roots_parse(struct cli *cli, size_t from, struct walk_query *ret_query,
                        struct error *err);

// As roots_parse, of any words.
enum status roots_parse_words(struct cli *cli, const char *const *words, size_t count,
                              struct walk_query *ret_query, struct error *err);
