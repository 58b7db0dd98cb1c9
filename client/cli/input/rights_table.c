// SPDX-License-Identifier: MIT
// One row for each scope. The registry has done the reckoning (scopes, prefix and grants); only what the team owns has no
// name there, because it changes with every new package.
#include "client/cli/input/rights_table.h"

#include "client/cli/console/table.h"
#include "client/cli/settings/credentials.h"
#include "schema/base/list.h"

#include <string.h>

// The objects of one scope, from index `from` on, where it stands for the first time. NULL: it stood before.
static const char *objects_of(struct cli *cli, const json_t *may, size_t from) {
    const char *scope = json_string_value(json_object_get(json_array_get(may, from), "scope"));
    const char *joined = NULL;
    for (size_t i = 0; i < json_array_size(may); i++) {
        const json_t *right = json_array_get(may, i);
        const char *other = json_string_value(json_object_get(right, "scope"));
        const char *object = json_string_value(json_object_get(right, "object"));
        if (!scope || !other || strcmp(scope, other) != 0) {
            continue;
        }
        if (i < from) {
            return NULL;
        }
        object = !object ? "what its team owns" : strcmp(object, "*") == 0 ? "everything" : object;
        joined = joined ? arena_printf(cli->arena, "%s, %s", joined, object) : object;
        cli->output.no_memory |= !joined;
    }
    return joined;
}

enum status rights_table_print(struct cli *cli, const json_t *token, struct error *err) {
    static const struct table_column columns[] = {{.title = "MAY"},
                                                  {.title = "ON", .min_width = 20}};
    const json_t *may = json_object_get(token, "may");
    struct table table;
    table_init(&table, cli->arena, columns, COUNT_OF(columns));
    for (size_t i = 0; i < json_array_size(may); i++) {
        const char *objects = objects_of(cli, may, i);
        if (objects) {
            table_add(&table, COLOR_NONE,
                      json_string_value(json_object_get(json_array_get(may, i), "scope")));
            table_add(&table, COLOR_NONE, objects);
        }
    }
    return table_print(&table, &cli->output, err);
}

const char *rights_table_source(struct cli *cli, const char *url) {
    struct credential kept = {0};
    if (cli->global.token) {
        return "--token";
    }
    if (settings_variable("REGISTRYD_TOKEN")) {
        return "REGISTRYD_TOKEN";
    }
    if (credentials_has_command(cli->arena, cli->settings, url)) {
        return "token-command";
    }
    if (credentials_find(cli->arena, url, &kept, NULL) || (!kept.token && !kept.command)) {
        return NULL;
    }
    return kept.command ? "the command of login" : credentials_path(cli->arena);
}
