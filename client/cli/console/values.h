// SPDX-License-Identifier: MIT
// What the values of options must look like, checked from the rows before a command runs: a typing error is a usage
// error (exit 2) for every option alike, and needs no registry.
#pragma once

#include "client/cli/console/command.h"

// Checks a value by its row: one of its choices; a number within its bounds; with the argument VERSION, a version.
// Fails with: USAGE (names what would do), NO_MEMORY.
enum status value_check(struct arena *arena, const struct option_row *row, const char *value,
                        struct error *err);

// Checks an argument of a command by its word in "NAME NUMBER|TOKEN [N]": the word NUMBER or N alone is a number.
// Fails with: USAGE.
enum status value_check_argument(const char *words, size_t index, const char *value,
                                 struct error *err);
