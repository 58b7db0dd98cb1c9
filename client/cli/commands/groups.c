// SPDX-License-Identifier: MIT
// registryctl groups
#include "client/cli/console/command.h"
#include "client/cli/console/table.h"
#include "client/remote/api_call.h"
#include "schema/base/cleanup.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

#include <string.h>

enum { PAGE_ITEMS = 1000, PAGES_MAX = 1000, PATH_BYTES = 64 * 1024 };

// One page; its items go to the end of `items`. *cursor is NULL after the last page.
static enum status load_page(struct cli *cli, const struct connection *connection, json_t *items,
                             const char **cursor, struct error *err) {
    scoped(buffer_done) struct buffer path;
    buffer_init(&path, PATH_BYTES);
    buffer_printf(&path, "/v1/groups?limit=%d", PAGE_ITEMS);
    api_call_add_query(&path, "cursor", *cursor);
    if (path.failed) {
        return fail_no_memory(err);
    }
    struct fetch_request request = {.method = "GET", .path = path.ptr};
    scoped(cleanup_json) json_t *page = NULL;
    struct api_call call = {.arena = cli->arena, .connection = connection};
    enum status failed = api_call_json(&call, &request, &page, err);
    if (failed) {
        return failed;
    }
    json_t *more = json_object_get(page, "groups");
    const char *next = json_string_value(json_object_get(page, "next"));
    if (!json_is_array(more)) {
        return fail(err, STATUS_UNREACHABLE, "/groups", "The registry's answer holds no list");
    }
    *cursor = arena_strdup(cli->arena, next);
    return json_array_extend(items, more) || (next && !*cursor) ? fail_no_memory(err) : STATUS_OK;
}

static enum status load_all(struct cli *cli, json_t *items, struct error *err) {
    struct connection connection;
    const char *cursor = NULL;
    enum status failed = command_connect(cli, &connection, err);
    for (size_t page = 0; !failed && page < PAGES_MAX; page++) {
        failed = load_page(cli, &connection, items, &cursor, err);
        if (!cursor) {
            break;
        }
    }
    return failed;
}

static const char *number_text(struct cli *cli, const json_t *item, const char *key) {
    const json_t *number = json_object_get(item, key);
    return json_is_integer(number)
               ? arena_printf(cli->arena, "%" JSON_INTEGER_FORMAT, json_integer_value(number))
               : NULL;
}

static enum status print(struct cli *cli, const json_t *items, struct error *err) {
    static const struct table_column columns[] = {{.title = "GROUP", .min_width = 20},
                                                  {.title = "PACKAGES", .min_width = 0},
                                                  {.title = "ENTRY POINTS", .min_width = 0}};
    struct table table;
    table_init(&table, cli->arena, columns, COUNT_OF(columns));
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        table_add(&table, COLOR_NONE, json_string_value(json_object_get(item, "name")));
        table_add(&table, COLOR_NONE, number_text(cli, item, "packages"));
        table_add(&table, COLOR_NONE, number_text(cli, item, "entry_points"));
    }
    if (!json_array_size(items)) {
        output_print(&cli->output, COLOR_NONE, "The registry has no groups yet.\n");
        output_print(&cli->output, COLOR_DIM,
                     "registryctl publish PATH brings in the first package.\n");
        return STATUS_OK;
    }
    return table_print(&table, &cli->output, err);
}

static enum status run(struct cli *cli, struct error *err) {
    scoped(cleanup_json) json_t *items = json_array();
    if (!items) {
        return fail_no_memory(err);
    }
    enum status failed = load_all(cli, items, err);
    if (failed) {
        return failed;
    }
    return cli->output.json ? output_json(&cli->output, take(items), err) : print(cli, items, err);
}

const struct command command_groups = {
    .name = "groups",
    .arguments = "",
    .summary = "List the entry-point groups the registry knows",
    .description = "With the number of packages and of entry points in each.",
    .exit_codes = "0  listed, also when there is none\n",
    .example = "registryctl groups --format json",
    .run = run,
};
