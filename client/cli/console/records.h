// SPDX-License-Identifier: MIT
// Records for people: for each group a table, then the findings of its records. Used by walk, discover,
// resolve and snapshot show.
#pragma once

#include "client/cli/console/command.h"
#include "schema/record.h"

// The form of --format lines for an array of records.
#define RECORD_LINES                                                                               \
    "group name value package version source label origin shadowed_by state errors warnings"

// Prints sorted records. Fails with: NO_MEMORY.
enum status records_print(struct cli *cli, const struct records *records, struct error *err);
