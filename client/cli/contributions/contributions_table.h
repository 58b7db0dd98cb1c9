// SPDX-License-Identifier: MIT
// Merged contributions for people: one table of all kinds, and the conflicts below it.
#pragma once

#include "client/cli/console/command.h"

// Prints a document of contributions_merge. Fails with: NO_MEMORY.
enum status contributions_print(struct cli *cli, const json_t *document, struct error *err);

// One item of a list as a line of text: "POST /products of products.Create". Arena; NULL when out of memory.
const char *contribution_text(struct arena *arena, const char *list, const json_t *item);
