// SPDX-License-Identifier: MIT
// Records for people: for each group a table, then the findings of its records. Used by walk, discover,
// resolve and snapshot show.
#pragma once

#include "client/cli/console/command.h"
#include "schema/record.h"

// Prints sorted records. Fails with: NO_MEMORY.
enum status records_print(struct cli *cli, const struct records *records, struct error *err);
