// SPDX-License-Identifier: MIT
// One form for the option --entry-point and the argument of alias, so that what one command prints the other takes.
// Whether there is such an entry point, the registry says.
#include "client/cli/input/entry_point.h"

#include <string.h>

enum status entry_point_name_parse(struct cli *cli, const char *text,
                                   struct entry_point_name *ret_entry, struct error *err) {
    const char *colon = strchr(text, ':');
    if (!colon || colon == text || !colon[1]) {
        return fail(err, STATUS_USAGE, NULL, "Invalid entry point \"%s\". Use GROUP:NAME.", text);
    }
    *ret_entry =
        (struct entry_point_name){arena_copy(cli->arena, text, (size_t)(colon - text)), colon + 1};
    return ret_entry->group ? STATUS_OK : fail_no_memory(err);
}
