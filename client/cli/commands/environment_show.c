// SPDX-License-Identifier: MIT
// The actions of "registryctl environment" that only read: list, show, history and diff. A diff is printed a
// difference a line: "+" was added, "-" was removed, "~" was changed. Large values are shown by their size,
// because the facts of a host name hundreds of packages; --format json has them whole.
#include "client/cli/commands/environment.h"
#include "client/cli/console/arguments.h"
#include "client/cli/console/display.h"
#include "client/cli/input/administration.h"
#include "client/remote/api_call.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/json/json.h"

#include <string.h>

// ---- list, show, history ----

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
        {{.title = "SUMMARY", .min_width = 20}, "summary"},
        {{.title = "REASON", .min_width = 8, .optional = true}, "reason"},
    };
    return of_one ? administration_print(cli, items, one, COUNT_OF(one), "No revisions found.", err)
                  : administration_print(cli, items, all, COUNT_OF(all), "No environments found.",
                                         err);
}

// Lists are loaded whole (administration_list follows the cursor): environments and revisions are few.
static enum status list_rows(struct cli *cli, const char *path, const char *key,
                             struct error *err) {
    json_t *items = NULL;
    enum status status =
        path ? administration_list(cli, path, key, NULL, &items, err) : fail_no_memory(err);
    if (status) {
        return status;
    }
    return print_rows(cli, items, strcmp(key, "revisions") == 0, err);
}

enum status environment_list(struct cli *cli, struct error *err) {
    const struct environment_options *given = cli->options;
    const char *path = given->archived ? "/v1/environments?archived=1" : "/v1/environments";
    return list_rows(cli, path, "environments", err);
}

enum status environment_history(struct cli *cli, struct error *err) {
    return list_rows(cli, environment_address(cli, cli->arguments[1], "/history"), "revisions",
                     err);
}

// ---- show ----

static void print_label(struct output *output, const char *label) {
    output_print(output, COLOR_DIM, "  %-*s", LABEL_WIDTH, label);
}

// Prints a label and a text that is wrapped beside it; nothing for NULL.
static void print_field(struct output *output, const char *label, const char *text) {
    if (text && *text) {
        print_label(output, label);
        output_wrapped(output, COLOR_NONE, LABEL_WIDTH + 2, output_text(output, text));
        output_print(output, COLOR_NONE, "\n");
    }
}

// "key=value key=value". A failure sets no_memory of the output, which output_done reports at the end of the
// command, so printing functions need no status of their own.
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

// The largest unit that divides the number: 129600 is "36 hours".
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

// The policy as one phrase, in the order in which the resolver applies it: which plugins, which versions, how old.
static const char *describe_policy(struct cli *cli, const json_t *policy) {
    const char *plugins = json_string_value(json_object_get(policy, "plugins"));
    bool listed = plugins && strcmp(plugins, "listed") == 0;
    bool prereleases = json_is_true(json_object_get(policy, "prereleases"));
    json_int_t age = json_integer_value(json_object_get(policy, "min_age_seconds"));
    const char *text = arena_printf(cli->arena, "%s; %s",
                                    listed ? "only enabled plugins" : "all compatible plugins",
                                    prereleases ? "pre-releases allowed" : "no pre-releases");
    if (text && age > 0) {
        text =
            arena_printf(cli->arena, "%s; releases at least %s old", text, describe_age(cli, age));
    }
    const json_t *max_age = json_object_get(policy, "max_snapshot_age_seconds");
    if (text && json_is_integer(max_age)) {
        json_int_t seconds = json_integer_value(max_age);
        text = seconds ? arena_printf(cli->arena, "%s; snapshots too old after %s", text,
                                      describe_age(cli, seconds))
                       : arena_printf(cli->arena, "%s; snapshots never too old", text);
    }
    cli->output.no_memory |= !text;
    return text;
}

// Facts are counted and not listed: a host has hundreds of packages and tags. The first tag is the best match,
// which is what an operator wants to check.
static void print_facts(struct cli *cli, const json_t *facts) {
    struct output *output = &cli->output;
    size_t have = json_object_size(json_object_get(facts, "have"));
    const json_t *tags = json_object_get(facts, "tags");
    const char *best = json_string_value(json_array_get(tags, 0));
    print_field(output, "python", json_string_value(json_object_get(facts, "python")));
    print_field(output, "markers", join_members(cli, json_object_get(facts, "markers")));
    if (have) {
        print_field(output, "installed", output_count(output, have, "package", "packages"));
    }
    if (best) {
        print_field(output, "tags",
                    arena_printf(cli->arena, "%zu, first %s", json_array_size(tags), best));
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

static void add_state(struct table *table, const json_t *enabled) {
    if (json_is_true(enabled)) {
        table_add(table, COLOR_GREEN, "enabled");
    } else if (json_is_false(enabled)) {
        table_add(table, COLOR_RED, "disabled");
    } else {
        table_add(table, COLOR_DIM, "by policy");
    }
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
        add_state(&table, enabled);
        table_add(&table, COLOR_NONE, json_string_value(json_object_get(plugin, "pin")));
        table_add(&table, COLOR_NONE, settings ? join_members(cli, settings) : NULL);
    }
    output_print(&cli->output, COLOR_NONE, "\n");
    return table_print(&table, &cli->output, err);
}

// "lock 3 of staging, revision 12, made 2026-03-01 09:30 by admin: 14 releases".
static const char *describe_lock(struct cli *cli, const json_t *lock) {
    enum { DATE_LENGTH = 10 };
    const char *made = administration_text(cli, lock, "made_at");
    return made ? arena_printf(cli->arena,
                               "lock %s of %s, revision %s, made %.*s by %s: %s releases",
                               administration_text(cli, lock, "id"),
                               administration_text(cli, lock, "environment"),
                               administration_text(cli, lock, "revision"), DATE_LENGTH, made,
                               administration_text(cli, lock, "made_by"),
                               administration_text(cli, lock, "release_count"))
                : NULL;
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
    if (json_is_true(json_object_get(shown, "archived"))) {
        print_field(output, "archived", "hosts get nothing");
    }
    print_field(output, "frozen", describe_lock(cli, json_object_get(shown, "lock")));
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
    const struct environment_options *given = cli->options;
    scoped(cleanup_json) json_t *answer = NULL;
    const char *revision = given->revision;
    const char *rest = NULL;
    if (revision) {
        enum status status = environment_revision(revision, "--revision", &revision, err);
        if (status) {
            return status;
        }
        rest = arena_printf(cli->arena, "?revision=%s", revision);
    }
    struct environment_call call = {.method = "GET",
                                    .path = environment_address(cli, cli->arguments[1], rest)};
    enum status status = environment_send(cli, &call, &answer, err);
    if (status) {
        return status;
    }
    return cli->output.json ? output_json(&cli->output, take(answer), err)
                            : print_environment(cli, answer, err);
}

// ---- diff ----

enum { VALUE_COLUMNS = 60, NAMES_SHOWN = 8, MEMBERS_SHOWN = 8 };

// One side of a diff: NAME or NAME@REVISION.
struct side {
    const char *name;
    const char *revision; // NULL: the registry chooses
};

// "production" is its newest revision, "production@7" that one.
// "staging@12", or "staging" for its newest revision.
static enum status read_side(struct cli *cli, const char *word, struct side *ret_side,
                             struct error *err) {
    const char *at = strchr(word, '@');
    struct side side = {word, NULL};
    if (at) {
        side.name = arena_copy(cli->arena, word, (size_t)(at - word));
        if (!side.name) {
            return fail_no_memory(err);
        }
        enum status status = environment_revision(at + 1, "revision", &side.revision, err);
        if (status) {
            return status;
        }
    }
    *ret_side = side;
    return STATUS_OK;
}

static bool is_number(const char *word) {
    return *word && !word[strspn(word, "0123456789")];
}

// "NAME FROM TO" and "NAME@FROM OTHER@TO" are distinguished by the second word: a number is a revision.
static enum status read_sides(struct cli *cli, struct side sides[2], struct error *err) {
    const char *const *words = cli->arguments + 1;
    size_t count = cli->argument_count - 1;
    enum status status = read_side(cli, words[0], &sides[0], err);
    if (status) {
        return status;
    }
    sides[1] = (struct side){sides[0].name, NULL};
    if (count == 1) {
        return STATUS_OK;
    }
    if (count == 2 && !is_number(words[1])) {
        return read_side(cli, words[1], &sides[1], err);
    }
    if (sides[0].revision) {
        return arguments_fail_usage(cli, "", err);
    }
    status = environment_revision(words[1], "FROM", &sides[0].revision, err);
    if (status || count < 3) {
        return status;
    }
    return environment_revision(words[2], "TO", &sides[1].revision, err);
}

// "with" is sent only for two environments; for two revisions of one environment the name is in the path.
static const char *make_path(struct cli *cli, const struct side sides[2]) {
    scoped(buffer_done) struct buffer path;
    const char *address = environment_address(cli, sides[0].name, "/diff");
    if (!address) {
        return NULL;
    }
    buffer_init(&path, LIMIT_DOCUMENT_BYTES);
    buffer_add_string(&path, address);
    api_call_add_query(&path, "from", sides[0].revision);
    api_call_add_query(&path, "to", sides[1].revision);
    api_call_add_query(&path, "with",
                       strcmp(sides[0].name, sides[1].name) != 0 ? sides[1].name : NULL);
    return path.failed ? NULL : arena_strdup(cli->arena, path.ptr);
}

// A value as one line of limited length; for a large one, its size.
static const char *show_value(struct cli *cli, const json_t *value) {
    if (json_array_size(value) > MEMBERS_SHOWN) {
        return output_count(&cli->output, json_array_size(value), "item", "items");
    }
    if (json_object_size(value) > MEMBERS_SHOWN) {
        return output_count(&cli->output, json_object_size(value), "member", "members");
    }
    const char *text = environment_value(cli, value);
    text = text ? output_text(&cli->output, text) : NULL;
    text = text ? display_cut(cli->arena, text, VALUE_COLUMNS) : NULL;
    cli->output.no_memory |= !text;
    return text ? text : "";
}

static void print_names(struct cli *cli, enum color color, char sign, const json_t *names) {
    size_t count = json_array_size(names);
    for (size_t i = 0; i < count && i < NAMES_SHOWN; i++) {
        output_print(&cli->output, color, " %c%s", sign, show_value(cli, json_array_get(names, i)));
    }
    if (count > NAMES_SHOWN) {
        output_print(&cli->output, color, " %c%zu more", sign, count - NAMES_SHOWN);
    }
}

// The sign and the location of a difference.
static void print_place(struct cli *cli, enum color color, char sign, const char *where) {
    output_print(&cli->output, color, "%c", sign);
    output_print(&cli->output, COLOR_NONE, " %s ",
                 where && *where ? output_text(&cli->output, where) : "/");
}

// ~ /facts/python     3.11 -> 3.12
// + /plugins/crm      - /plugins/erp
// "~ /facts/python 3.10 -> 3.11"; long lists show only the names that were added and removed.
static void print_difference(struct cli *cli, const json_t *difference) {
    const char *where = json_string_value(json_object_get(difference, "where"));
    const json_t *from = json_object_get(difference, "from");
    const json_t *to = json_object_get(difference, "to");
    if (from && to) {
        print_place(cli, COLOR_YELLOW, '~', where);
        output_print(&cli->output, COLOR_RED, "%s", show_value(cli, from));
        output_print(&cli->output, COLOR_NONE, " -> ");
        output_print(&cli->output, COLOR_GREEN, "%s", show_value(cli, to));
    } else if (to) {
        print_place(cli, COLOR_GREEN, '+', where);
        output_print(&cli->output, COLOR_GREEN, "%s", show_value(cli, to));
    } else if (from) {
        print_place(cli, COLOR_RED, '-', where);
        output_print(&cli->output, COLOR_RED, "%s", show_value(cli, from));
    } else {
        print_place(cli, COLOR_YELLOW, '~', where);
        print_names(cli, COLOR_RED, '-', json_object_get(difference, "removed"));
        print_names(cli, COLOR_GREEN, '+', json_object_get(difference, "added"));
    }
    output_print(&cli->output, COLOR_NONE, "\n");
}

static void print_side(struct cli *cli, const char *sign, const json_t *side) {
    output_print(&cli->output, COLOR_DIM, "%s %s revision %s, %s by %s\n", sign,
                 output_text(&cli->output, administration_text(cli, side, "name")),
                 administration_text(cli, side, "revision"), environment_date(cli, side),
                 output_text(&cli->output, administration_text(cli, side, "changed_by")));
}

// An object that was added or removed as a whole is printed member by member: these are what people look
// for.
static enum status print_whole(struct cli *cli, const json_t *difference, struct error *err) {
    const char *where = json_string_value(json_object_get(difference, "where"));
    const json_t *from = json_object_get(difference, "from");
    const json_t *to = json_object_get(difference, "to");
    const json_t *whole = from && !to ? from : to && !from ? to : NULL;
    bool is_small = json_object_size(whole) <= MEMBERS_SHOWN || json_depth(whole) > 1;
    const char *key;
    json_t *value;
    if (!where || !json_object_size(whole) || !is_small) {
        print_difference(cli, difference);
        return STATUS_OK;
    }
    json_object_foreach((json_t *)whole, key, value) {
        scoped(cleanup_json) json_t *part = json_pack(
            "{s:s,s:O}", "where", json_pointer(cli->arena, where, key), to ? "to" : "from", value);
        if (!part || print_whole(cli, part, err)) {
            return fail_no_memory(err);
        }
    }
    return STATUS_OK;
}

static enum status print_diff(struct cli *cli, const json_t *answer, struct error *err) {
    const json_t *differences = json_object_get(answer, "differences");
    print_side(cli, "-", json_object_get(answer, "from"));
    print_side(cli, "+", json_object_get(answer, "to"));
    output_print(&cli->output, COLOR_NONE, "\n");
    for (size_t i = 0; i < json_array_size(differences); i++) {
        enum status status = print_whole(cli, json_array_get(differences, i), err);
        if (status) {
            return status;
        }
    }
    if (!json_array_size(differences)) {
        output_print(&cli->output, COLOR_NONE, "No differences.\n");
    }
    return STATUS_OK;
}

// Of one environment: two revisions, by default the last two. Of two environments: their newest ones.
// The exit code is that of diff(1): 1 if there are differences.
enum status environment_diff(struct cli *cli, struct error *err) {
    scoped(cleanup_json) json_t *answer = NULL;
    struct side sides[2];
    enum status status = read_sides(cli, sides, err);
    if (status) {
        return status;
    }
    struct environment_call call = {.method = "GET", .path = make_path(cli, sides)};
    status = environment_send(cli, &call, &answer, err);
    if (status) {
        return status;
    }
    cli->exit_code = json_array_size(json_object_get(answer, "differences")) > 0;
    return cli->output.json ? output_json(&cli->output, take(answer), err)
                            : print_diff(cli, answer, err);
}
