// SPDX-License-Identifier: MIT
// The parser of the command line: global options anywhere, the command, its options, its arguments.
// "--name value" and "--name=value" mean the same; "--" ends the options.
#pragma once

#include "client/cli/console/command.h"

// Fills command, action, options and arguments of *cli. Fails with: USAGE (names the word that is wrong
// and, when a known word is near, that one), NO_MEMORY.
enum status arguments_parse(struct cli *cli, int argc, char **argv, struct error *err);

// Fails with "PROBLEM. Usage: registryctl …" for the command, or the action, that was named. `problem`
// may be "".
enum status arguments_fail_usage(const struct cli *cli, const char *problem, struct error *err);

// Fails with: USAGE (there is no such command; a near one is named).
enum status arguments_find_command(const char *word, const struct command **ret_command,
                                   struct error *err);
