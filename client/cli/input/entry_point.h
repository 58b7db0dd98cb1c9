// SPDX-License-Identifier: MIT
// An entry point as people name it: "GROUP:NAME". A group has no colon; a name may have some.
#pragma once

#include "client/cli/console/command.h"

struct entry_point_name {
    const char *group;
    const char *name;
};

// Arena. Fails with: USAGE, NO_MEMORY.
enum status entry_point_name_parse(struct cli *cli, const char *text,
                                   struct entry_point_name *ret_entry, struct error *err);
