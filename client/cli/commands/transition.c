// SPDX-License-Identifier: MIT
// registryctl transition: the reports of all hosts, as the registry keeps them. The answer comes in pages,
// and a page may end in the middle of a group: add_page joins the parts, so that the rest of the file
// sees each group once.
#include "client/cli/console/command.h"
#include "client/cli/console/table.h"
#include "client/remote/api_call.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/json/json.h"

#include <string.h>

struct transition_options {
    const char *host;
    bool require;
};

static const struct option_row rows[] = {
    {"--host", "NAME", offsetof(struct transition_options, host), "Only this host"},
    {"--require", NULL, offsetof(struct transition_options, require),
     "Exit 1 unless every group is safe to switch"},
};

enum { PAGE_ITEMS = 1000, PAGES_MAX = 1000, DATE_LENGTH = 16 };

static const char *text_of(const json_t *object, const char *key) {
    return json_string_value(json_object_get(object, key));
}

// Two groups without a name are not the same: a malformed answer must not merge what it lists.
static bool same_group(const json_t *a, const json_t *b) {
    const char *left = text_of(a, "group");
    const char *right = text_of(b, "group");
    return left && right && strcmp(left, right) == 0;
}

// Adds a page. Its first group may be the rest of the last group of the page before.
static bool add_page(json_t *groups, const json_t *page) {
    for (size_t i = 0; i < json_array_size(page); i++) {
        json_t *group = json_array_get(page, i);
        size_t count = json_array_size(groups);
        json_t *last = count ? json_array_get(groups, count - 1) : NULL;
        bool added = last && same_group(last, group)
                         ? json_array_extend(json_object_get(last, "hosts"),
                                             json_object_get(group, "hosts")) == 0
                         : json_array_append(groups, group) == 0;
        if (!added) {
            return false;
        }
    }
    return true;
}

// Loads one page and moves *cursor; NULL after the last one. PAGES_MAX bounds a registry that never ends.
static enum status load_page(struct cli *cli, const struct connection *connection,
                             const char **cursor, json_t *groups, struct error *err) {
    const struct transition_options *given = cli->options;
    scoped(buffer_done) struct buffer path;
    buffer_init(&path, LIMIT_DOCUMENT_BYTES);
    buffer_printf(&path, "/v1/transition?limit=%d", PAGE_ITEMS);
    for (size_t i = 0; i < cli->argument_count; i++) {
        api_call_add_query(&path, "group", cli->arguments[i]);
    }
    api_call_add_query(&path, "host", given->host);
    api_call_add_query(&path, "cursor", *cursor);
    if (path.failed) {
        return fail(err, path.failed, NULL, "The query is too long.");
    }
    struct fetch_request request = {.method = "GET", .path = path.ptr};
    struct api_call call = {.arena = cli->arena, .connection = connection};
    scoped(cleanup_json) json_t *page = NULL;
    enum status status = api_call_json(&call, &request, &page, err);
    if (status) {
        return status;
    }
    const json_t *more = json_object_get(page, "groups");
    const char *next = text_of(page, "next");
    if (!json_is_array(more)) {
        return fail(err, STATUS_UNREACHABLE, "/groups",
                    "The registry sent an unexpected answer: the list is missing.");
    }
    *cursor = arena_strdup(cli->arena, next);
    return add_page(groups, more) && (!next || *cursor) ? STATUS_OK : fail_no_memory(err);
}

// A time to the minute: "2025-03-01 10:00".
static const char *date_of(struct cli *cli, const char *time) {
    char *date = time ? arena_copy(cli->arena, time, strnlen(time, DATE_LENGTH)) : NULL;
    char *letter = date ? strchr(date, 'T') : NULL;
    if (letter) {
        *letter = ' ';
    }
    return date;
}

// A missing or negative number counts as 0, so that no answer makes a huge count.
static size_t number_of(const json_t *object, const char *key) {
    json_int_t number = json_integer_value(json_object_get(object, key));
    return number > 0 ? (size_t)number : 0;
}

// The differences that are left, with the first name of each kind: "only in the walk: helpdesk, crm and 3 more".
static const char *differences_of(struct cli *cli, const json_t *host) {
    static const struct {
        const char *key;
        const char *words;
    } lists[] = {{"only_walk", "only in the walk"}, {"only_registry", "only in the registry"},
                 {"value", "other value"},          {"version", "other version"},
                 {"manifest", "other manifest"},    {"invalid", "broken"},
                 {"withheld", "withheld"}};
    const char *text = "";
    for (size_t i = 0; text && i < COUNT_OF(lists); i++) {
        size_t count = number_of(host, lists[i].key);
        const json_t *names = json_object_get(json_object_get(host, "names"), lists[i].key);
        const char *first = json_string_value(json_array_get(names, 0));
        if (count) {
            text = arena_printf(cli->arena, "%s%s%s: %s", text, *text ? "; " : "", lists[i].words,
                                first ? first : "?");
        }
        if (text && count > 1) {
            text = arena_printf(cli->arena, "%s and %zu more", text, count - 1);
        }
    }
    cli->output.no_memory |= !text;
    return text;
}

static void add_host(struct cli *cli, struct table *table, const json_t *host) {
    bool equal = json_is_true(json_object_get(host, "equal"));
    table_add(table, COLOR_NONE, text_of(host, "host"));
    table_add(table, COLOR_NONE, text_of(host, "environment"));
    table_add(table, equal ? COLOR_GREEN : COLOR_RED, equal ? "agrees" : "differs");
    table_add(table, COLOR_NONE, date_of(cli, text_of(host, "equal_since")));
    table_add(table, COLOR_NONE, date_of(cli, text_of(host, "last_report_at")));
    table_add_count(table, COLOR_NONE, number_of(host, "same"), "same");
    table_add(table, COLOR_NONE, differences_of(cli, host));
}

// A registry of an earlier version says only whether all hosts agree.
static bool is_safe(const json_t *group) {
    const json_t *safe = json_object_get(group, "safe");
    return json_is_true(safe ? safe : json_object_get(group, "equal"));
}

// "1 of 3 hosts agrees", "2 of 3 hosts agree", "1 of 1 host agrees".
static void print_heading(struct cli *cli, const json_t *group) {
    struct output *output = &cli->output;
    const char *since = date_of(cli, text_of(group, "equal_since"));
    output_print(output, COLOR_BOLD, "%s", output_text(output, text_of(group, "group")));
    if (is_safe(group)) {
        output_print(output, COLOR_GREEN, "  safe to switch%s%s", since ? " since " : "",
                     output_text(output, since));
    } else if (json_is_true(json_object_get(group, "equal"))) {
        const char *after = date_of(cli, text_of(group, "safe_after"));
        output_print(output, COLOR_YELLOW, "  not safe to switch yet");
        output_print(output, COLOR_NONE, ": reports must still agree after %s",
                     output_text(output, after ? after : "?"));
    } else {
        output_print(output, COLOR_RED, "  not safe to switch");
    }
    output_print(output, COLOR_NONE, ", %zu of %s %s\n", number_of(group, "hosts_equal"),
                 output_count(output, number_of(group, "hosts_total"), "host", "hosts"),
                 number_of(group, "hosts_equal") == 1 || number_of(group, "hosts_total") == 1
                     ? "agrees"
                     : "agree");
}

// Whether all reports are for the environment "default", so that the column can be hidden.
static bool are_of_default(const json_t *hosts) {
    bool all = true;
    for (size_t i = 0; i < json_array_size(hosts); i++) {
        const char *name = text_of(json_array_get(hosts, i), "environment");
        all = all && (!name || strcmp(name, "default") == 0);
    }
    return all;
}

// The column of environments is left out where every host reports for the default one.
static enum status print_group(struct cli *cli, const json_t *group, struct error *err) {
    const json_t *hosts = json_object_get(group, "hosts");
    const struct table_column columns[] = {
        {.title = "HOST", .min_width = 12},
        {.title = "ENVIRONMENT", .min_width = 11, .hidden = are_of_default(hosts)},
        {.title = "STATE", .min_width = 0},
        {.title = "AGREES SINCE", .optional = true},
        {.title = "LAST REPORT", .min_width = 10},
        {.title = "SAME", .optional = true},
        {.title = "DIFFERENCES", .min_width = 16},
    };
    struct table table;
    table_init(&table, cli->arena, columns, COUNT_OF(columns));
    for (size_t i = 0; i < json_array_size(hosts); i++) {
        add_host(cli, &table, json_array_get(hosts, i));
    }
    print_heading(cli, group);
    return table.cell_count || table.no_memory ? table_print(&table, &cli->output, err) : STATUS_OK;
}

static bool is_listed(const json_t *groups, const char *name) {
    for (size_t i = 0; i < json_array_size(groups); i++) {
        const char *listed = text_of(json_array_get(groups, i), "group");
        if (listed && strcmp(listed, name) == 0) {
            return true;
        }
    }
    return false;
}

// A requested group without a report has no section in the answer, so it is listed here.
static enum status print(struct cli *cli, const json_t *groups, struct error *err) {
    enum status status = STATUS_OK;
    for (size_t i = 0; i < json_array_size(groups) && !status; i++) {
        output_print(&cli->output, COLOR_NONE, i ? "\n" : "");
        status = print_group(cli, json_array_get(groups, i), err);
    }
    for (size_t i = 0; i < cli->argument_count && !status; i++) {
        if (!is_listed(groups, cli->arguments[i])) {
            output_print(&cli->output, COLOR_BOLD, "%s",
                         output_text(&cli->output, cli->arguments[i]));
            output_print(&cli->output, COLOR_YELLOW, "  No host has reported.\n");
        }
    }
    if (!json_array_size(groups) && !cli->argument_count) {
        output_print(&cli->output, COLOR_NONE, "No host has reported yet.\n");
        output_print(&cli->output, COLOR_DIM,
                     "\"registryctl compare GROUP ROOT --report\" sends a report.\n");
    }
    return status;
}

// Whether every requested group is safe to switch, or every group if none was named.
// A group that was asked for and that no host has reported is not safe. Without any report nothing
// is.
static bool all_are_safe(const struct cli *cli, const json_t *groups) {
    bool safe = json_array_size(groups) > 0;
    for (size_t i = 0; i < json_array_size(groups); i++) {
        safe &= is_safe(json_array_get(groups, i));
    }
    for (size_t i = 0; i < cli->argument_count; i++) {
        safe &= is_listed(groups, cli->arguments[i]);
    }
    return safe;
}

static enum status run(struct cli *cli, struct error *err) {
    const struct transition_options *given = cli->options;
    struct connection connection;
    const char *cursor = NULL;
    scoped(cleanup_json) json_t *groups = json_array();
    if (!groups) {
        return fail_no_memory(err);
    }
    enum status status = command_connect(cli, &connection, err);
    for (size_t page = 0; !status && page < PAGES_MAX; page++) {
        status = load_page(cli, &connection, &cursor, groups, err);
        if (!cursor) {
            break;
        }
    }
    if (status) {
        return status;
    }
    cli->exit_code = given->require && !all_are_safe(cli, groups);
    return cli->output.json ? output_json(&cli->output, json_pack("{s:O}", "groups", groups), err)
                            : print(cli, groups, err);
}

const struct command command_transition = {
    .name = "transition",
    .arguments = "[GROUP...]",
    .max_arguments = LIMIT_QUERY_GROUPS,
    .lines = "groups: group safe equal hosts_total hosts_equal hosts_safe safe_after",
    .summary = "Show which groups are safe to switch to the registry",
    .description =
        "Summarises the reports of \"registryctl compare --report\". For each group: whether it "
        "is\n"
        "safe to switch to the registry, and since when. For each host: the differences left.\n"
        "A group is safe when at least one host has an entry point, and all hosts have reported\n"
        "no difference for as long as they asked for (\"compare --for\", default 24 hours).",
    COMMAND_OPTIONS(rows, struct transition_options),
    .exit_codes = "0  Done\n1  A group is not safe to switch (--require)\n",
    .example = "registryctl transition honeyframe.plugins",
    .run = run,
};
