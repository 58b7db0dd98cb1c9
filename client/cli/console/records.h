// SPDX-License-Identifier: MIT
// Records for people: a table for each group, then what is wrong with which. Shared by walk and
// resolve.
#pragma once

#include "client/cli/console/command.h"
#include "schema/record.h"

// Prints sorted records. Fails with: NO_MEMORY.
enum status records_print(struct cli *cli, const struct records *records, struct error *err);
