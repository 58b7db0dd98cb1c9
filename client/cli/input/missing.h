// SPDX-License-Identifier: MIT
// What an environment enables, pins or has locked, and gets nothing for: the list "missing" of an answer.
#pragma once

#include "client/cli/console/command.h"

#include <jansson.h>

// Names each package with its reason on standard error. Returns how many there are; the command then ends with 1.
size_t missing_report(struct cli *cli, const json_t *list);
