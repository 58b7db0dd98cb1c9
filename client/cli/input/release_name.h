// SPDX-License-Identifier: MIT
// PACKAGE and PACKAGE==VERSION as people write them, and the address they name.
#pragma once

#include "client/cli/console/command.h"

struct release_name {
    const char *package;
    const char *version; // NULL: the package itself
};

// Reads the command's first argument, and its second as the version if there is one. Arena.
// Fails with: USAGE, NO_MEMORY.
enum status release_name_parse(const struct cli *cli, struct release_name *ret_name,
                               struct error *err);

// "/v1/packages/PACKAGE[/releases/VERSION]" with `tail` behind it. Arena; NULL when out of memory.
const char *release_name_path(const struct cli *cli, const struct release_name *name,
                              const char *tail);

// "crm" or "crm 1.0", fit for a terminal. Arena.
const char *release_name_text(struct cli *cli, const struct release_name *name);
