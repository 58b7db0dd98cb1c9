// SPDX-License-Identifier: MIT
// The words of the command line, sorted out: global options anywhere, the command, its options, its
// arguments. "--name value" and "--name=value" mean the same; "--" ends the options.
#pragma once

#include "client/cli/console/command.h"

// Fills cli->command, options, arguments. Fails with: USAGE (names the word that is wrong and, where
// one is near, the word that may have been meant), NO_MEMORY.
enum status arguments_parse(struct cli *cli, int argc, char **argv, struct error *err);

// How many letters must be added, dropped or replaced to make one word of the other, at most `bound`.
size_t arguments_distance(const char *a, const char *b, size_t bound);
