// SPDX-License-Identifier: MIT
// registryctl find: entry points by what they are. The registry judges the question; this only asks page after page,
// up to a limit, and prints.
#include "client/cli/console/command.h"
#include "client/cli/console/table.h"
#include "client/cli/input/administration.h"
#include "client/remote/api_call.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/json/json.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE_ITEMS = 1000, LIMIT_FALLBACK = 100, FOUND_MAX = 100000 };

struct find_options {
    const char *module;
    const char *value;
    const char *package;
    const char *name;
    const char *group;
    const char *limit;
    bool require;
};

static const struct option_row find_rows[] = {
    {"--module", "MODULE", offsetof(struct find_options, module),
     "Who provides this module, e.g. crm.mail"},
    {"--value", "VALUE", offsetof(struct find_options, value),
     "Who has this value, or this object behind the colon"},
    {"--package", "PACKAGE", offsetof(struct find_options, package),
     "Entry points of this package"},
    {"--name", "NAME", offsetof(struct find_options, name), "Who holds this name"},
    {"--group", "GROUP", offsetof(struct find_options, group), "Only in this group"},
    {"--limit", "N", offsetof(struct find_options, limit), "At most N entry points; default 100",
     .min_number = 1, .max_number = FOUND_MAX},
    {"--require", NULL, offsetof(struct find_options, require), "Exit 1 if nothing matches"},
};

static enum status write_path(struct cli *cli, size_t count, const char *cursor,
                              const char **ret_path, struct error *err) {
    const struct find_options *given = cli->options;
    scoped(buffer_done) struct buffer path;
    buffer_init(&path, LIMIT_QUERY_BYTES);
    buffer_add_string(&path, "/v1/entry-points");
    api_call_add_query(&path, "module", given->module);
    api_call_add_query(&path, "value", given->value);
    api_call_add_query(&path, "package", given->package);
    api_call_add_query(&path, "name", given->name);
    api_call_add_query(&path, "group", given->group);
    api_call_add_query(&path, "limit", arena_printf(cli->arena, "%zu", count));
    api_call_add_query(&path, "cursor", cursor);
    if (path.failed) {
        return fail(err, path.failed, NULL, "The query is too long.");
    }
    *ret_path = arena_copy(cli->arena, path.ptr, path.len);
    return *ret_path ? STATUS_OK : fail_no_memory(err);
}

// Appends one page; *cursor is NULL after the last one.
static enum status load_page(struct cli *cli, size_t count, json_t *items, const char **cursor,
                             struct error *err) {
    scoped(cleanup_json) json_t *page = NULL;
    const char *path = NULL;
    enum status status = write_path(cli, count, *cursor, &path, err);
    if (status) {
        return status;
    }
    status = administration_send(cli, "GET", path, NULL, &page, err);
    if (status) {
        return status;
    }
    json_t *more = json_object_get(page, "entry_points");
    const char *next = json_string_value(json_object_get(page, "next"));
    if (!json_is_array(more)) {
        return fail(err, STATUS_UNREACHABLE, "/entry_points",
                    "The registry sent an unexpected answer: the list is missing.");
    }
    // An empty page that names a next one would never end.
    *cursor = next && json_array_size(more) ? arena_strdup(cli->arena, next) : NULL;
    return json_array_extend(items, more) ? fail_no_memory(err) : STATUS_OK;
}

static enum status print_found(struct cli *cli, const json_t *items, bool more, struct error *err) {
    static const struct table_column columns[] = {{.title = "GROUP", .min_width = 12},
                                                  {.title = "NAME", .min_width = 12},
                                                  {.title = "VALUE", .min_width = 16},
                                                  {.title = "PACKAGE", .min_width = 8},
                                                  {.title = "VERSION", .min_width = 0}};
    static const char *const keys[] = {"group", "name", "value", "package", "version"};
    struct table table;
    table_init(&table, cli->arena, columns, COUNT_OF(columns));
    for (size_t row = 0; row < json_array_size(items); row++) {
        for (size_t i = 0; i < COUNT_OF(keys); i++) {
            table_add(&table, COLOR_NONE,
                      json_string_value(json_object_get(json_array_get(items, row), keys[i])));
        }
    }
    if (!json_array_size(items)) {
        output_print(&cli->output, COLOR_NONE, "No entry points match.\n");
        return STATUS_OK;
    }
    enum status status = table_print(&table, &cli->output, err);
    if (!status && more) {
        output_print(&cli->output, COLOR_DIM, "There are more. Use --limit to list them.\n");
    }
    return status;
}

static enum status run_find(struct cli *cli, struct error *err) {
    const struct find_options *given = cli->options;
    scoped(cleanup_json) json_t *items = json_array();
    size_t limit = given->limit ? strtoul(given->limit, NULL, 10) : LIMIT_FALLBACK;
    const char *cursor = NULL;
    enum status status = STATUS_OK;
    if (!items) {
        return fail_no_memory(err);
    }
    if (!given->module && !given->value && !given->package && !given->name && !given->group) {
        return fail(err, STATUS_USAGE, NULL,
                    "Give at least one of --module, --value, --package, --name and --group.");
    }
    do {
        size_t missing = limit - json_array_size(items);
        status = load_page(cli, missing < PAGE_ITEMS ? missing : PAGE_ITEMS, items, &cursor, err);
    } while (!status && cursor && json_array_size(items) < limit);
    if (status) {
        return status;
    }
    cli->exit_code = given->require && !json_array_size(items);
    return cli->output.json ? output_json(&cli->output, take(items), err)
                            : print_found(cli, items, cursor != NULL, err);
}

const struct command command_find_entries = {
    .name = "find",
    .arguments = "",
    .lines = "group name value package version",
    .summary = "Find entry points by module, value, package, name or group",
    .description =
        "Lists the entry points of the newest release of each package: who provides a module, who\n"
        "has an object of this name, who holds a name. Several options narrow the list.",
    COMMAND_OPTIONS(find_rows, struct find_options),
    .exit_codes = "0  Done, even if nothing matches\n1  Nothing matches (--require)\n",
    .example = "registryctl find --module plugins.crm",
    .run = run_find,
};
