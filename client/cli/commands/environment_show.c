// SPDX-License-Identifier: MIT
// registryctl environment list, show, history.
#include "client/cli/input/administration.h"
#include "client/cli/commands/environment.h"
#include "schema/base/cleanup.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

#include <string.h>

enum { LABEL_WIDTH = 13, MINUTE = 60, HOUR = 3600, DAY = 24 * HOUR };

static enum status print_rows(struct cli *cli, json_t *items, bool of_one, struct error *err) {
    static const struct administration_column all[] = {
        {{.title = "NAME", .min_width = 8}, "name"},
        {{.title = "REVISION"}, "revision"},
        {{.title = "PLUGINS"}, "plugin_count"},
        {{.title = "DESCRIPTION", .min_width = 10}, "description"},
        {{.title = "CHANGED", .min_width = 16, .optional = true}, "changed_at"},
        {{.title = "BY", .min_width = 6, .optional = true}, "changed_by"},
    };
    static const struct administration_column one[] = {
        {{.title = "REVISION"}, "revision"},
        {{.title = "CHANGED", .min_width = 16}, "changed_at"},
        {{.title = "BY", .min_width = 6}, "changed_by"},
        {{.title = "WHAT", .min_width = 20}, "summary"},
    };
    return of_one ? administration_print(cli, items, one, COUNT_OF(one), "There are no revisions.",
                                         err)
                  : administration_print(cli, items, all, COUNT_OF(all),
                                         "There are no environments.", err);
}

static enum status list_rows(struct cli *cli, const char *path, const char *key,
                             struct error *err) {
    json_t *items = NULL;
    enum status failed =
        path ? administration_list(cli, path, key, &items, err) : fail_no_memory(err);
    return failed ? failed : print_rows(cli, items, strcmp(key, "revisions") == 0, err);
}

enum status environment_list(struct cli *cli, struct error *err) {
    enum status failed = administration_arguments(cli, 0, 0, "list", err);
    return failed ? failed : list_rows(cli, "/v1/environments", "environments", err);
}

enum status environment_history(struct cli *cli, struct error *err) {
    enum status failed = administration_arguments(cli, 1, 1, "history NAME", err);
    return failed ? failed
                  : list_rows(cli, environment_address(cli, cli->arguments[1], "/history"),
                              "revisions", err);
}

// ---- show ----

static void print_label(struct output *output, const char *label) {
    output_print(output, COLOR_DIM, "  %-*s", LABEL_WIDTH, label);
}

// A label and a text that is wrapped beside it; nothing for NULL.
static void print_field(struct output *output, const char *label, const char *text) {
    if (text && *text) {
        print_label(output, label);
        output_wrapped(output, COLOR_NONE, LABEL_WIDTH + 2, output_text(output, text));
        output_print(output, COLOR_NONE, "\n");
    }
}

static const char *join_members(struct cli *cli, const json_t *object) {
    const char *joined = "";
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value) {
        const char *text = environment_value(cli, value);
        joined = joined && text
                     ? arena_printf(cli->arena, "%s%s%s=%s", joined, *joined ? " " : "", key, text)
                     : NULL;
    }
    cli->output.no_memory |= !joined;
    return joined;
}

static const char *describe_age(struct cli *cli, json_int_t seconds) {
    static const struct {
        json_int_t unit;
        const char *one;
        const char *many;
    } units[] = {{DAY, "day", "days"},
                 {HOUR, "hour", "hours"},
                 {MINUTE, "minute", "minutes"},
                 {1, "second", "seconds"}};
    size_t i = 0;
    while (seconds % units[i].unit) {
        i++;
    }
    return output_count(&cli->output, (size_t)(seconds / units[i].unit), units[i].one,
                        units[i].many);
}

static const char *describe_policy(struct cli *cli, const json_t *policy) {
    const char *plugins = json_string_value(json_object_get(policy, "plugins"));
    bool listed = plugins && strcmp(plugins, "listed") == 0;
    bool prereleases = json_is_true(json_object_get(policy, "prereleases"));
    json_int_t age = json_integer_value(json_object_get(policy, "min_age_seconds"));
    const char *text = arena_printf(cli->arena, "%s; %s",
                                    listed ? "only what is enabled by name" : "all that fits",
                                    prereleases ? "pre-releases too" : "no pre-releases");
    if (text && age > 0) {
        text = arena_printf(cli->arena, "%s; only releases at least %s old", text,
                            describe_age(cli, age));
    }
    cli->output.no_memory |= !text;
    return text;
}

static void print_facts(struct cli *cli, const json_t *facts) {
    struct output *output = &cli->output;
    size_t have = json_object_size(json_object_get(facts, "have"));
    const json_t *tags = json_object_get(facts, "tags");
    const char *best = json_string_value(json_array_get(tags, 0));
    print_field(output, "python", json_string_value(json_object_get(facts, "python")));
    print_field(output, "markers", join_members(cli, json_object_get(facts, "markers")));
    if (have) {
        print_field(output, "have", output_count(output, have, "package", "packages"));
    }
    if (best) {
        print_field(output, "tags",
                    arena_printf(cli->arena, "%zu, the best %s", json_array_size(tags), best));
    }
}

static void print_permissions(struct cli *cli, const json_t *permissions) {
    const char *text = "";
    for (size_t i = 0; text && i < json_array_size(permissions); i++) {
        text = arena_printf(cli->arena, "%s%s%s", text, i ? ", " : "",
                            json_string_value(json_array_get(permissions, i)));
    }
    cli->output.no_memory |= !text;
    print_field(&cli->output, "permissions",
                !permissions            ? "not checked"
                : text && *text == '\0' ? "none"
                                        : text);
}

static enum status print_plugins(struct cli *cli, const json_t *plugins, struct error *err) {
    static const struct table_column columns[] = {
        {.title = "PACKAGE", .min_width = 12},
        {.title = "STATE"},
        {.title = "PIN", .min_width = 8},
        {.title = "SETTINGS", .min_width = 10},
    };
    struct table table;
    const char *package;
    json_t *plugin;
    table_init(&table, cli->arena, columns, COUNT_OF(columns));
    json_object_foreach((json_t *)plugins, package, plugin) {
        const json_t *enabled = json_object_get(plugin, "enabled");
        const json_t *settings = json_object_get(plugin, "settings");
        table_add(&table, COLOR_NONE, package);
        table_add(&table,
                  json_is_true(enabled)    ? COLOR_GREEN
                  : json_is_false(enabled) ? COLOR_RED
                                           : COLOR_DIM,
                  json_is_true(enabled)    ? "enabled"
                  : json_is_false(enabled) ? "disabled"
                                           : "by policy");
        table_add(&table, COLOR_NONE, json_string_value(json_object_get(plugin, "pin")));
        table_add(&table, COLOR_NONE, settings ? join_members(cli, settings) : NULL);
    }
    output_print(&cli->output, COLOR_NONE, "\n");
    return table_print(&table, &cli->output, err);
}

static enum status print_environment(struct cli *cli, const json_t *shown, struct error *err) {
    struct output *output = &cli->output;
    const json_t *document = json_object_get(shown, "document");
    const json_t *plugins = json_object_get(document, "plugins");
    const char *newest = administration_text(cli, shown, "newest_revision");
    const char *revision = administration_text(cli, shown, "revision");
    bool is_newest = newest && revision && strcmp(newest, revision) == 0;
    output_print(output, COLOR_BOLD, "%s",
                 output_text(output, administration_text(cli, shown, "name")));
    output_print(output, COLOR_NONE, " revision %s%s%s\n", revision, is_newest ? "" : " of ",
                 is_newest ? "" : newest);
    print_field(output, "description", json_string_value(json_object_get(document, "description")));
    print_field(output, "changed",
                arena_printf(cli->arena, "%s by %s: %s", environment_date(cli, shown),
                             administration_text(cli, shown, "changed_by"),
                             administration_text(cli, shown, "summary")));
    print_facts(cli, json_object_get(document, "facts"));
    print_field(output, "policy", describe_policy(cli, json_object_get(document, "policy")));
    print_permissions(cli, json_object_get(document, "permissions"));
    return plugins ? print_plugins(cli, plugins, err) : STATUS_OK;
}

enum status environment_show(struct cli *cli, struct error *err) {
    scoped(cleanup_json) json_t *answer = NULL;
    const char *revision = cli->options.revision;
    const char *rest = NULL;
    enum status failed = administration_arguments(cli, 1, 1, "show NAME [--revision N]", err);
    if (!failed && revision) {
        failed = environment_revision(revision, "--revision", &revision, err);
        rest = arena_printf(cli->arena, "?revision=%s", revision);
    }
    if (failed) {
        return failed;
    }
    struct environment_call call = {.method = "GET",
                                    .path = environment_address(cli, cli->arguments[1], rest)};
    failed = environment_send(cli, &call, &answer, err);
    if (failed || cli->output.json) {
        return failed ? failed : output_json(&cli->output, take(answer), err);
    }
    return print_environment(cli, answer, err);
}
