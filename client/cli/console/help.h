// SPDX-License-Identifier: MIT
// Help made from the rows of commands and options, so that it cannot be wrong about them.
#pragma once

#include "client/cli/console/command.h"

// The page of a command, or of the program when `command` is NULL.
void help_print(struct cli *cli, const struct command *command);
