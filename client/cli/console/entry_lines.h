// SPDX-License-Identifier: MIT
// Walked records sorted out for declaring: which can be entry points of a project, and which cannot,
// with the reason. In an order fit for tables of groups, or for projects of packages.
#pragma once

#include "client/cli/console/command.h"
#include "schema/record.h"

// A record, and why it is only a comment.
struct entry_line {
    const struct record *record;
    const char *package;  // the record's, or what stands for it; never NULL
    const char *left_out; // "broken", "shadowed", ...; NULL: it can be declared
};

struct entry_lines {
    struct entry_line *items;
    size_t count;
    bool by_package; // sorted by package and group, else by group and package
};

// Picks the records that --group and --package ask for. The records must be sorted (records_sort), so
// that the second of one name is known. Arena. Fails with: NO_MEMORY.
enum status entry_lines_collect(struct cli *cli, const struct records *records, bool by_package,
                                struct entry_lines *ret_lines, struct error *err);

// The end of the run of lines that are of one package or of one group, and how many of them can be
// declared.
size_t entry_lines_end_of_package(const struct entry_lines *lines, size_t from, size_t *ret_good);
size_t entry_lines_end_of_group(const struct entry_lines *lines, size_t from, size_t end,
                                size_t *ret_good);
