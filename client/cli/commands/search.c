// SPDX-License-Identifier: MIT
// registryctl search TEXT...
#include "client/cli/console/command.h"
#include "client/cli/console/table.h"
#include "client/remote/api_call.h"
#include "schema/base/cleanup.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

#include <string.h>

enum { PATH_BYTES = 64 * 1024, WORDS_MAX = 64 };

static const struct option_row options[] = {
    {"--group", "NAME", offsetof(struct options, groups),
     "only packages with entry points in this group", .repeats = true},
    {"--classifier", "TEXT", offsetof(struct options, classifiers),
     "only packages with this classifier", .repeats = true},
    {"--status", "STATUS", offsetof(struct options, status),
     "only packages that are active, deprecated, archived or quarantined"},
    {"--limit", "N", offsetof(struct options, limit), "this many at the most (100)"},
    {"--require", NULL, offsetof(struct options, require), "exit 1 when nothing was found"},
};

static void add_words(struct cli *cli, struct buffer *path) {
    const char *words = cli->argument_count ? cli->arguments[0] : NULL;
    for (size_t i = 1; i < cli->argument_count; i++) {
        words = arena_printf(cli->arena, "%s %s", words ? words : "", cli->arguments[i]);
    }
    api_call_add_query(path, "q", words);
}

static enum status load(struct cli *cli, json_t **ret_page, struct error *err) {
    scoped(buffer_done) struct buffer path;
    struct connection connection;
    buffer_init(&path, PATH_BYTES);
    buffer_add_string(&path, "/v1/packages");
    add_words(cli, &path);
    for (size_t i = 0; i < cli->options.groups.count; i++) {
        api_call_add_query(&path, "group", cli->options.groups.items[i]);
    }
    for (size_t i = 0; i < cli->options.classifiers.count; i++) {
        api_call_add_query(&path, "classifier", cli->options.classifiers.items[i]);
    }
    api_call_add_query(&path, "status", cli->options.status);
    api_call_add_query(&path, "environment", cli->options.environment);
    api_call_add_query(&path, "limit", cli->options.limit);
    if (path.failed) {
        return fail(err, path.failed, NULL, "The question is too long");
    }
    enum status failed = command_connect(cli, &connection, err);
    if (failed) {
        return failed;
    }
    struct fetch_request request = {.method = "GET", .path = path.ptr};
    struct api_call call = {.arena = cli->arena, .connection = &connection};
    failed = api_call_json(&call, &request, ret_page, err);
    if (!failed && !json_is_array(json_object_get(*ret_page, "packages"))) {
        return fail(err, STATUS_UNREACHABLE, "/packages", "The registry's answer holds no list");
    }
    return failed;
}

static void add_row(struct table *table, const json_t *item) {
    const char *status = json_string_value(json_object_get(item, "status"));
    bool is_active = status && strcmp(status, "active") == 0;
    table_add(table, COLOR_NONE, json_string_value(json_object_get(item, "name")));
    table_add(table, COLOR_NONE, json_string_value(json_object_get(item, "latest_version")));
    table_add(table, is_active ? COLOR_NONE : COLOR_YELLOW, status);
    table_add(table, COLOR_NONE, json_string_value(json_object_get(item, "summary")));
}

static enum status print(struct cli *cli, const json_t *page, struct error *err) {
    static const struct table_column columns[] = {{.title = "PACKAGE", .min_width = 16},
                                                  {.title = "VERSION", .min_width = 0},
                                                  {.title = "STATUS", .min_width = 0},
                                                  {.title = "SUMMARY", .min_width = 20}};
    const json_t *items = json_object_get(page, "packages");
    const char *corrected = json_string_value(json_object_get(page, "corrected"));
    json_int_t total = json_integer_value(json_object_get(page, "total"));
    size_t count = json_array_size(items);
    struct table table;
    table_init(&table, cli->arena, columns, COUNT_OF(columns));
    for (size_t i = 0; i < count; i++) {
        add_row(&table, json_array_get(items, i));
    }
    if (corrected) {
        output_print(&cli->output, COLOR_DIM, "Nobody uses these words; searched for: %s\n",
                     corrected);
    }
    if (!count) {
        output_print(&cli->output, COLOR_NONE, "No package is like that.\n");
        return STATUS_OK;
    }
    enum status failed = table_print(&table, &cli->output, err);
    if (!failed && (size_t)total > count) {
        output_print(&cli->output, COLOR_DIM,
                     "%zu of %" JSON_INTEGER_FORMAT "; --limit N shows more\n", count, total);
    }
    return failed;
}

static enum status run(struct cli *cli, struct error *err) {
    scoped(cleanup_json) json_t *page = NULL;
    enum status failed = load(cli, &page, err);
    if (failed) {
        return failed;
    }
    bool is_empty = !json_array_size(json_object_get(page, "packages"));
    cli->exit_code = cli->options.require && is_empty ? 1 : 0;
    return cli->output.json ? output_json(&cli->output, take(page), err) : print(cli, page, err);
}

const struct command command_search = {
    .name = "search",
    .arguments = "[TEXT...]",
    .max_arguments = WORDS_MAX,
    .summary = "Find packages by words, group, classifier or status",
    .description =
        "Words are looked for in names, summaries, keywords, entry-point names, groups and what\n"
        "manifests call the plugin; each may be the beginning of a word, or mistyped. The best "
        "fit\n"
        "comes first; without words all packages are listed by name. With --environment only what\n"
        "that environment gets a release of.",
    .options = options,
    .option_count = COUNT_OF(options),
    .exit_codes = "0  searched, also when nothing was found\n"
                  "1  with --require: nothing was found\n",
    .example = "registryctl search invoise --group honeyframe.plugins",
    .run = run,
};
