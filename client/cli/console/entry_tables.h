// SPDX-License-Identifier: MIT
// Entry lines as the tables of a pyproject.toml, fit for pasting: what can be declared, and beside it,
// as comments, what cannot, with the reason. Nothing is lost.
#pragma once

#include "client/cli/console/entry_lines.h"

// The tables for lines [from, end), a table for each group.
void entry_tables_print(struct cli *cli, const struct entry_lines *lines, size_t from, size_t end);

// A whole pyproject.toml for each package.
void entry_projects_print(struct cli *cli, const struct entry_lines *lines);
