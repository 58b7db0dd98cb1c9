// SPDX-License-Identifier: MIT
// registryctl alias: an old name of an entry point leads to its present one. The owner of the package sets it, or with
// --as-group the owner of the group; the two have addresses of their own, because they need different rights.
#include "client/cli/console/command.h"
#include "client/cli/console/table.h"
#include "client/cli/input/administration.h"
#include "client/cli/input/entry_point.h"
#include "client/remote/api_call.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/json/json.h"

#include <string.h>

struct alias_options {
    bool as_group;
    bool undo;
};

static const struct option_row alias_rows[] = {
    {"--as-group", NULL, offsetof(struct alias_options, as_group),
     "Act as the owner of the group, not of the package"},
    {"--undo", NULL, offsetof(struct alias_options, undo), "Remove the alias"},
};

// The aliases of all groups, or the deprecated entry points beside them in JSON.
static enum status list_aliases(struct cli *cli, struct error *err) {
    static const struct administration_column columns[] = {
        {{.title = "GROUP", .min_width = 12}, "group"},
        {{.title = "OLD NAME", .min_width = 12}, "name"},
        {{.title = "PRESENT NAME", .min_width = 12}, "to"},
        {{.title = "PACKAGE", .min_width = 8}, "package"},
        {{.title = "SINCE", .min_width = 0}, "changed_at"},
        {{.title = "BY", .min_width = 0}, "changed_by"}};
    scoped(cleanup_json) json_t *answer = NULL;
    enum status status = administration_send(cli, "GET", "/v1/entry-states", NULL, &answer, err);
    if (status) {
        return status;
    }
    json_t *aliases = json_object_get(answer, "aliases");
    if (!json_is_array(aliases)) {
        return fail(err, STATUS_UNREACHABLE, "/aliases",
                    "The registry sent an unexpected answer: the list is missing.");
    }
    return administration_print(cli, json_incref(aliases), columns, COUNT_OF(columns),
                                "There are no aliases.\n", err);
}

static const char *address(struct cli *cli, const struct entry_point_name *entry) {
    const struct alias_options *given = cli->options;
    const char *part = given->as_group ? entry->group : cli->arguments[0];
    const char *base =
        administration_path(cli, given->as_group ? "/v1/groups" : "/v1/packages", &part, 1);
    const char *rest = given->as_group ? "/alias" : "/entry-points/alias";
    return base ? arena_printf(cli->arena, "%s%s", base, rest) : NULL;
}

// What the address does not say is in the query.
static const char *address_to_end(struct cli *cli, const struct entry_point_name *entry) {
    const struct alias_options *given = cli->options;
    const char *base = address(cli, entry);
    scoped(buffer_done) struct buffer path;
    buffer_init(&path, LIMIT_QUERY_BYTES);
    buffer_add_string(&path, base ? base : "");
    api_call_add_query(&path, given->as_group ? "package" : "group",
                       given->as_group ? cli->arguments[0] : entry->group);
    api_call_add_query(&path, "name", entry->name);
    return base && !path.failed ? arena_copy(cli->arena, path.ptr, path.len) : NULL;
}

static enum status send_alias(struct cli *cli, const struct entry_point_name *entry,
                              json_t **ret_answer, struct error *err) {
    const struct alias_options *given = cli->options;
    const char *path = given->undo ? address_to_end(cli, entry) : address(cli, entry);
    const char *key = given->as_group ? "package" : "group";
    json_t *body =
        given->undo ? NULL
                    : json_pack("{s:o,s:o,s:o}", key,
                                json_text(given->as_group ? cli->arguments[0] : entry->group),
                                "name", json_text(entry->name), "to", json_text(cli->arguments[2]));
    if (!path || (!body && !given->undo)) {
        json_decref(body);
        return fail_no_memory(err);
    }
    return administration_send(cli, given->undo ? "DELETE" : "PUT", path, body, ret_answer, err);
}

static enum status run_alias(struct cli *cli, struct error *err) {
    const struct alias_options *given = cli->options;
    struct entry_point_name entry;
    scoped(cleanup_json) json_t *answer = NULL;
    if (!cli->argument_count) {
        return list_aliases(cli, err);
    }
    if (cli->argument_count != (given->undo ? 2 : 3)) {
        return fail(err, STATUS_USAGE, NULL,
                    "Use PACKAGE GROUP:OLD-NAME PRESENT-NAME, or PACKAGE GROUP:OLD-NAME --undo.");
    }
    enum status status = entry_point_name_parse(cli, cli->arguments[1], &entry, err);
    if (status) {
        return status;
    }
    status = send_alias(cli, &entry, &answer, err);
    if (status) {
        return status;
    }
    if (cli->output.json) {
        return output_json(&cli->output, take(answer), err);
    }
    bool is_changed = json_is_true(json_object_get(answer, "changed"));
    const char *to = given->undo ? "nothing" : output_text(&cli->output, cli->arguments[2]);
    output_say(&cli->output, is_changed ? COLOR_GREEN : COLOR_DIM, "%s %s to %s\n",
               output_text(&cli->output, cli->arguments[1]),
               is_changed ? "leads now" : "led already", to);
    return STATUS_OK;
}

const struct command command_alias = {
    .name = "alias",
    .arguments = "[PACKAGE GROUP:OLD-NAME [PRESENT-NAME]]",
    .max_arguments = 3,
    .lines = "group name to package changed_at changed_by",
    .summary = "Let an old entry-point name lead to the present one; without arguments, list",
    .description =
        "A look-up of the old name finds the entry point, with a warning. Lists of the group have\n"
        "only the present name. A name that the newest release of a package has is refused.",
    COMMAND_OPTIONS(alias_rows, struct alias_options),
    .exit_codes = "0  Done, or no change was needed\n1  Unknown package\n"
                  "3  The old name is in use\n",
    .example = "registryctl alias crm honeyframe.plugins:customers crm",
    .run = run_alias,
};
