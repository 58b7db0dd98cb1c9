// SPDX-License-Identifier: MIT
// registryctl show PACKAGE[==VERSION]
#include "client/cli/input/administration.h"
#include "client/cli/input/history.h"
#include "client/cli/input/release_name.h"
#include "schema/base/cleanup.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

#include <string.h>

enum { LABEL_WIDTH = 12 };

static const char *text_of(const json_t *object, const char *key) {
    return json_string_value(json_object_get(object, key));
}

static void print_fact(struct cli *cli, const char *label, const char *text) {
    if (text && *text) {
        output_print(&cli->output, COLOR_DIM, "  %-*s", LABEL_WIDTH, label);
        output_print(&cli->output, COLOR_NONE, "%s\n", output_text(&cli->output, text));
    }
}

static enum status print_entry_points(struct cli *cli, const json_t *document, struct error *err) {
    static const struct table_column columns[] = {{.title = "GROUP", .min_width = 16},
                                                  {.title = "ENTRY POINT", .min_width = 12},
                                                  {.title = "VALUE", .min_width = 16}};
    struct table table;
    table_init(&table, cli->arena, columns, COUNT_OF(columns));
    const char *group = NULL;
    json_t *entries = NULL;
    json_object_foreach(json_object_get(document, "entry_points"), group, entries) {
        const char *name = NULL;
        json_t *value = NULL;
        json_object_foreach(entries, name, value) {
            table_add(&table, COLOR_NONE, group);
            table_add(&table, COLOR_NONE, name);
            table_add(&table, COLOR_NONE, json_string_value(value));
        }
    }
    if (!table.cell_count && !table.no_memory) {
        return STATUS_OK;
    }
    output_print(&cli->output, COLOR_NONE, "\n");
    return table_print(&table, &cli->output, err);
}

static const char *state_of(const json_t *release) {
    const char *status = text_of(release, "status");
    if (status && strcmp(status, "quarantined") == 0) {
        return status;
    }
    bool yanked = json_is_true(json_object_get(release, "yanked"));
    bool prerelease = json_is_true(json_object_get(release, "prerelease"));
    return yanked ? "yanked" : prerelease ? "pre-release" : "live";
}

// Why a release is not simply live.
static const char *reason_of(const json_t *release) {
    const char *reason = text_of(release, "status_reason");
    return reason ? reason : text_of(release, "yanked_reason");
}

static enum color color_of(const char *state) {
    return strcmp(state, "live") == 0          ? COLOR_GREEN
           : strcmp(state, "quarantined") == 0 ? COLOR_RED
                                               : COLOR_YELLOW;
}

static enum status print_releases(struct cli *cli, const json_t *releases, struct error *err) {
    bool has_reason = false;
    for (size_t i = 0; i < json_array_size(releases); i++) {
        has_reason = has_reason || reason_of(json_array_get(releases, i));
    }
    const struct table_column columns[] = {
        {.title = "VERSION", .min_width = 8},
        {.title = "STATE", .min_width = 0},
        {.title = "PYTHON", .min_width = 8},
        {.title = "PUBLISHED", .min_width = 10},
        {.title = "BY", .min_width = 6},
        {.title = "REASON", .min_width = 10, .hidden = !has_reason}};
    struct table table;
    table_init(&table, cli->arena, columns, COUNT_OF(columns));
    for (size_t i = 0; i < json_array_size(releases); i++) {
        const json_t *release = json_array_get(releases, i);
        const char *state = state_of(release);
        table_add(&table, COLOR_NONE, text_of(release, "version"));
        table_add(&table, color_of(state), state);
        table_add(&table, COLOR_NONE, text_of(release, "requires_python"));
        table_add(&table, COLOR_NONE, text_of(release, "published_at"));
        table_add(&table, COLOR_NONE, text_of(release, "published_by"));
        table_add(&table, COLOR_NONE, reason_of(release));
    }
    output_print(&cli->output, COLOR_NONE, "\n");
    return table_print(&table, &cli->output, err);
}

static enum status print_package(struct cli *cli, const json_t *package, struct error *err) {
    const char *name = text_of(package, "name");
    const char *display_name = text_of(package, "display_name");
    bool same = name && display_name && strcmp(name, display_name) == 0;
    print_fact(cli, "package", name);
    print_fact(cli, "written as", same ? NULL : display_name);
    print_fact(cli, "summary", text_of(package, "summary"));
    print_fact(cli, "latest", text_of(package, "latest_version"));
    print_fact(cli, "status", text_of(package, "status"));
    print_fact(cli, "because", text_of(package, "status_reason"));
    print_fact(cli, "use instead", text_of(package, "replaced_by"));
    print_fact(cli, "updated", text_of(package, "updated_at"));
    enum status failed = print_entry_points(cli, json_object_get(package, "document"), err);
    return failed ? failed : print_releases(cli, json_object_get(package, "releases"), err);
}

static enum status print_release(struct cli *cli, const json_t *release, struct error *err) {
    const json_t *document = json_object_get(release, "document");
    print_fact(cli, "package", text_of(release, "package"));
    print_fact(cli, "version", text_of(release, "version"));
    print_fact(cli, "state", state_of(release));
    print_fact(cli, "because", reason_of(release));
    print_fact(cli, "summary", text_of(document, "summary"));
    print_fact(cli, "python", text_of(release, "requires_python"));
    print_fact(cli, "license", text_of(document, "license_expression"));
    print_fact(cli, "published", text_of(release, "published_at"));
    print_fact(cli, "by", text_of(release, "published_by"));
    print_fact(cli, "sha256", text_of(release, "digest"));
    const json_t *requires = json_object_get(document, "requires_dist");
    for (size_t i = 0; i < json_array_size(requires); i++) {
        print_fact(cli, i ? "" : "requires", json_string_value(json_array_get(requires, i)));
    }
    const json_t *files = json_object_get(release, "artifacts");
    for (size_t i = 0; i < json_array_size(files); i++) {
        print_fact(cli, i ? "" : "files", text_of(json_array_get(files, i), "filename"));
    }
    return print_entry_points(cli, document, err);
}

static enum status run(struct cli *cli, struct error *err) {
    struct release_name name;
    scoped(cleanup_json) json_t *answer = NULL;
    enum status failed = release_name_parse(cli, &name, err);
    if (!failed && cli->options.history) {
        return history_print(cli, &name, err);
    }
    if (!failed) {
        const char *path = release_name_path(cli, &name, "");
        failed = administration_send(cli, "GET", path, NULL, &answer, err);
    }
    if (failed) {
        return failed;
    }
    if (cli->output.json) {
        return output_json(&cli->output, take(answer), err);
    }
    return name.version ? print_release(cli, answer, err) : print_package(cli, answer, err);
}

static const struct option_row options[] = {
    {"--history", NULL, offsetof(struct options, history), "what happened to it, the oldest first",
     false},
};

const struct command command_show = {
    .name = "show",
    .arguments = "PACKAGE[==VERSION]",
    .min_arguments = 1,
    .max_arguments = 2,
    .summary = "Show a package with its releases, or one release",
    .description = "PACKAGE VERSION means the same as PACKAGE==VERSION.",
    .options = options,
    .option_count = COUNT_OF(options),
    .exit_codes = "0  shown\n1  there is no such package or release\n",
    .example = "registryctl show crm==0.1.0",
    .run = run,
};
