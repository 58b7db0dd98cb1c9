// SPDX-License-Identifier: MIT
// registryctl compare GROUP[,GROUP...] ROOT...
#include "client/cli/console/arguments.h"
#include "client/cli/console/junit.h"
#include "client/cli/input/roots.h"
#include "client/cli/console/table.h"
#include "client/remote/report_upload.h"
#include "client/remote/source_registry.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

#include <limits.h>
#include <string.h>

static const struct option_row options[] = {
    {"--python", "VERSION", offsetof(struct options, python),
     "the registry's answer for this Python, e.g. 3.11"},
    {"--prereleases", NULL, offsetof(struct options, prereleases), "pre-releases count too"},
    {"--convention", "NAME", offsetof(struct options, convention),
     "auto (default: by its mark), a name, or FILE.yaml"},
    {"--strict", NULL, offsetof(struct options, strict),
     "shadowed plugins count as differences too"},
    {"--allow-empty", NULL, offsetof(struct options, allow_empty),
     "accept a group that has no entry points on either side"},
    {"--group", "GROUP", offsetof(struct options, groups), "a group; then every argument is a root",
     .repeats = true},
    {"--report", NULL, offsetof(struct options, report),
     "send the result to the registry (needs a token)"},
    {"--host", "NAME", offsetof(struct options, host),
     "who reports; default the name of this machine"},
};

enum column { SHOW_VALUE, SHOW_VERSION, SHOW_MANIFEST };

static const char *text_of(const struct record *record, enum column column) {
    if (!record) {
        return NULL;
    }
    return column == SHOW_VERSION    ? record->version
           : column == SHOW_MANIFEST ? record->manifest
                                     : record->value;
}

static void add_rows(struct table *table, const struct parity_pairs *pairs, const char *what,
                     enum color color, enum column column) {
    for (size_t i = 0; i < pairs->count; i++) {
        const struct parity_pair *pair = &pairs->items[i];
        const struct record *known = pair->walk ? pair->walk : pair->registry;
        table_add(table, color, what);
        table_add(table, COLOR_NONE, known->name);
        table_add(table, COLOR_NONE, text_of(pair->walk, column));
        table_add(table, COLOR_NONE, text_of(pair->registry, column));
        table_add(table, COLOR_DIM, pair->walk ? pair->walk->origin : known->origin);
    }
}

static enum status print_differences(struct cli *cli, const struct parity *parity,
                                     struct error *err) {
    static const struct table_column columns[] = {
        {.title = "DIFFERENCE", .min_width = 0},
        {.title = "NAME", .min_width = 10},
        {.title = "WALK", .min_width = 12},
        {.title = "REGISTRY", .min_width = 12},
        {.title = "ORIGIN", .min_width = 12, .optional = true},
    };
    enum color told = cli->options.strict ? COLOR_RED : COLOR_YELLOW;
    struct table table;
    table_init(&table, cli->arena, columns, COUNT_OF(columns));
    add_rows(&table, &parity->only_walk, "only in the walk", COLOR_RED, SHOW_VALUE);
    add_rows(&table, &parity->only_registry, "only in the registry", COLOR_RED, SHOW_VALUE);
    add_rows(&table, &parity->value, "other value", COLOR_RED, SHOW_VALUE);
    add_rows(&table, &parity->version, "other version", COLOR_RED, SHOW_VERSION);
    add_rows(&table, &parity->manifest, "other manifest", COLOR_RED, SHOW_MANIFEST);
    add_rows(&table, &parity->shadowed, "shadowed", told, SHOW_VALUE);
    add_rows(&table, &parity->invalid, "broken", COLOR_RED, SHOW_VALUE);
    return table.cell_count || table.no_memory ? table_print(&table, &cli->output, err) : STATUS_OK;
}

static void print_invalid(struct cli *cli, const struct parity *parity) {
    for (size_t i = 0; i < parity->invalid.count; i++) {
        const struct record *record = parity->invalid.items[i].walk;
        output_print(&cli->output, COLOR_BOLD, "\n%s\n", output_text(&cli->output, record->name));
        output_findings(&cli->output, &record->findings);
    }
}

static enum status print_one(struct cli *cli, const struct parity *parity, struct error *err) {
    bool equal = parity_is_equal(parity, cli->options.strict);
    if (parity_is_empty(parity) && !equal) {
        return STATUS_OK; // warn_of_empty_groups says it
    }
    output_print(&cli->output, COLOR_BOLD, "%s", output_text(&cli->output, parity->group));
    output_print(&cli->output, equal ? COLOR_GREEN : COLOR_RED, "  walk and registry %s",
                 equal ? "agree" : "differ");
    output_print(&cli->output, COLOR_NONE, ", %s the same",
                 output_count(&cli->output, parity->same, "entry point", "entry points"));
    if (parity->unknown_version.count) {
        output_print(&cli->output, COLOR_NONE, ", the walk knows no version of %zu",
                     parity->unknown_version.count);
    }
    output_print(&cli->output, COLOR_NONE, "\n");
    enum status failed = print_differences(cli, parity, err);
    if (!failed) {
        print_invalid(cli, parity);
    }
    return failed;
}

struct comparison {
    struct words groups;
    struct connection connection;
    struct walk_query query;
    struct records walked;
    struct resolution resolution;
    struct parity *parities; // of each group
};

// Adds the groups of "a,b", each once.
static enum status add_groups(struct cli *cli, struct words *groups, const char *list,
                              struct error *err) {
    for (struct text rest = text_from(list), name; text_split(&rest, ',', &name);) {
        bool known = false;
        for (size_t i = 0; i < groups->count; i++) {
            known |= text_equals(name, groups->items[i]);
        }
        const char *copy = arena_copy(cli->arena, name.ptr, name.len);
        if (!copy) {
            return fail_no_memory(err);
        }
        if (!name.len || groups->count >= LIMIT_QUERY_GROUPS) {
            return fail(err, STATUS_USAGE, NULL,
                        name.len ? "At most %d groups are compared at once"
                                 : "A group is empty, or there are over %d",
                        LIMIT_QUERY_GROUPS);
        }
        if (!known) {
            groups->items[groups->count++] = copy;
        }
    }
    return STATUS_OK;
}

// With --group every argument is a root; else the first names the groups.
static enum status parse(struct cli *cli, struct comparison *comparison, struct error *err) {
    const struct words *named = &cli->options.groups;
    struct words *groups = &comparison->groups;
    size_t first_root = named->count ? 0 : 1;
    groups->items = arena_array(cli->arena, LIMIT_QUERY_GROUPS, sizeof *groups->items);
    if (!groups->items) {
        return fail_no_memory(err);
    }
    if (cli->argument_count <= first_root) {
        return fail(err, STATUS_USAGE, NULL,
                    "Something is missing: registryctl compare GROUP ROOT...");
    }
    enum status failed = first_root ? add_groups(cli, groups, cli->arguments[0], err) : STATUS_OK;
    for (size_t i = 0; i < named->count && !failed; i++) {
        failed = add_groups(cli, groups, named->items[i], err);
    }
    return failed ? failed : roots_parse(cli, first_root, &comparison->query, err);
}

static enum status compare(struct cli *cli, struct comparison *c, struct error *err) {
    struct source_query query = {
        .groups = c->groups.items,
        .group_count = c->groups.count,
        .python = cli->options.python,
        .prereleases = cli->options.prereleases,
    };
    enum status failed = command_connect(cli, &c->connection, err);
    failed = failed ? failed : source_walk(cli->arena, &c->query, &c->walked, err);
    failed =
        failed ? failed : source_registry(cli->arena, &c->connection, &query, &c->resolution, err);
    c->parities = arena_array(cli->arena, c->groups.count, sizeof *c->parities);
    if (!c->parities) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < c->groups.count && !failed; i++) {
        failed = parity_compare(cli->arena, c->groups.items[i], &c->walked, &c->resolution.records,
                                &c->parities[i], err);
        c->parities[i].allow_empty = cli->options.allow_empty;
    }
    return failed;
}

// ---- groups without an entry point on either side ----

// The group that a misspelt name may stand for.
struct near_group {
    const char *wanted;
    const char *name; // NULL: none is near
    size_t distance;
};

static void consider(struct near_group *near, const char *name) {
    size_t distance = name ? arguments_distance(near->wanted, name, near->distance) : SIZE_MAX;
    if (name && distance < near->distance && distance > 0) {
        near->name = name;
        near->distance = distance;
    }
}

// The groups that the registry knows, or NULL: a better hint is not worth a failure. Owned.
static json_t *load_groups(struct cli *cli, const struct comparison *c) {
    struct fetch_request request = {.method = "GET", .path = "/v1/groups?limit=1000"};
    struct api_call call = {.arena = cli->arena, .connection = &c->connection};
    json_t *answer = NULL;
    return api_call_json(&call, &request, &answer, NULL) ? NULL : answer;
}

// The nearest name among the groups of the conventions, of the walked plugins and of the registry.
static const char *find_near_group(const struct comparison *c, const json_t *answer,
                                   const char *wanted) {
    enum { NEAR = 4 };
    struct near_group near = {.wanted = wanted, .distance = NEAR};
    const json_t *groups = json_object_get(answer, "groups");
    for (size_t i = 0; convention_at(i); i++) {
        consider(&near, convention_at(i)->group);
    }
    for (size_t i = 0; i < c->walked.count; i++) {
        consider(&near, c->walked.items[i].group);
    }
    for (size_t i = 0; i < json_array_size(groups); i++) {
        consider(&near, json_string_value(json_object_get(json_array_get(groups, i), "name")));
    }
    return near.name;
}

static size_t count_empty_groups(const struct comparison *c) {
    size_t count = 0;
    for (size_t i = 0; i < c->groups.count; i++) {
        count += parity_is_empty(&c->parities[i]) && !c->parities[i].allow_empty;
    }
    return count;
}

// Two empty sides agree about nothing: a misspelt group would look safe to switch.
static void warn_of_empty_groups(struct cli *cli, const struct comparison *c) {
    if (!count_empty_groups(c)) {
        return;
    }
    struct output errors = output_errors(&cli->output);
    scoped(cleanup_json) json_t *answer = load_groups(cli, c);
    fflush(stdout);
    for (size_t i = 0; i < c->groups.count; i++) {
        const char *group = c->groups.items[i];
        if (!parity_is_empty(&c->parities[i]) || c->parities[i].allow_empty) {
            continue;
        }
        const char *near = find_near_group(c, answer, group);
        output_print(&errors, COLOR_NONE,
                     "registryctl: Neither the directories nor the registry have an entry point of "
                     "the group \"%s\".%s%s%s\n",
                     output_text(&errors, group), near ? " Did you mean \"" : "",
                     near ? output_text(&errors, near) : "", near ? "\"?" : "");
        output_print(&errors, COLOR_DIM,
                     "Correct the name, or use --allow-empty if the group is meant to be empty.\n");
    }
    cli->output.no_memory |= errors.no_memory;
}

// One group: its report; several: an array of them.
static json_t *encode(const struct comparison *c, bool strict) {
    if (c->groups.count == 1) {
        return parity_encode(&c->parities[0], strict);
    }
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < c->groups.count; i++) {
        if (json_array_append_new(array, parity_encode(&c->parities[i], strict))) {
            return NULL;
        }
    }
    return take(array);
}

static enum status print(struct cli *cli, const struct comparison *c, struct error *err) {
    const char *format = cli->options.format;
    bool strict = cli->options.strict;
    if (format && strcmp(format, "junit") == 0) {
        junit_print(&cli->output, c->parities, c->groups.count, &c->walked, strict);
        return STATUS_OK;
    }
    if (cli->output.json) {
        return output_json(&cli->output, encode(c, strict), err);
    }
    enum status failed = STATUS_OK;
    for (size_t i = 0; i < c->groups.count && !failed; i++) {
        output_print(&cli->output, COLOR_NONE, i ? "\n" : "");
        failed = print_one(cli, &c->parities[i], err);
    }
    return failed;
}

// Sends what was found, whatever it is. The comparison itself is told even when this fails.
static enum status report(struct cli *cli, const struct comparison *c, struct error *err) {
    char machine[HOST_NAME_MAX + 1] = "";
    struct findings warnings;
    struct host_report sent = {.host = cli->options.host,
                               .walk = &c->query,
                               .parities = c->parities,
                               .count = c->groups.count};
    if (!sent.host && (gethostname(machine, HOST_NAME_MAX) || !*machine)) {
        return fail(err, STATUS_USAGE, NULL, "This machine has no name: give one with --host");
    }
    sent.host = sent.host ? sent.host : machine;
    findings_init(&warnings, cli->arena);
    struct api_call call = {cli->arena, &c->connection, &warnings};
    enum status failed = report_upload_send(&call, &sent, err);
    struct output errors = output_errors(&cli->output);
    fflush(stdout);
    output_findings(&errors, &warnings);
    if (!failed && isatty(STDERR_FILENO)) {
        output_print(&errors, COLOR_DIM, "reported as %s\n", output_text(&errors, sent.host));
    }
    cli->output.no_memory |= errors.no_memory || warnings.no_memory;
    return failed;
}

static enum status run(struct cli *cli, struct error *err) {
    struct comparison comparison = {0};
    enum status failed = parse(cli, &comparison, err);
    failed = failed ? failed : compare(cli, &comparison, err);
    for (size_t i = 0; i < comparison.groups.count && !failed; i++) {
        cli->exit_code |= !parity_is_equal(&comparison.parities[i], cli->options.strict);
    }
    failed = failed ? failed : print(cli, &comparison, err);
    if (failed) {
        return failed;
    }
    warn_of_empty_groups(cli, &comparison);
    bool kept = cli->options.report && !count_empty_groups(&comparison);
    return kept ? report(cli, &comparison, err) : STATUS_OK;
}

const struct command command_compare = {
    .name = "compare",
    .arguments = "GROUP[,GROUP...] ROOT...",
    .min_arguments = 1,
    .format = "junit",
    .summary = "Compare directories with the registry, entry by entry",
    .description =
        "Says whether a host that walks the ROOTs (PATH or LABEL=PATH) would find the same entry\n"
        "points in the registry: what only one side has, and what differs in value, version or\n"
        "manifest. Broken plugins count as differences; shadowed ones only with --strict. A group\n"
        "without any entry point on either side is an error unless --allow-empty is given.\n"
        "JUnit XML is printed with --format junit; what transition shows is sent with --report.",
    .options = options,
    .option_count = COUNT_OF(options),
    .exit_codes = "0  equal: the groups can be switched to the registry\n"
                  "1  there are differences, or there is nothing to compare\n"
                  "2  no such directory, or no such convention\n",
    .example = "registryctl compare honeyframe.plugins install=/opt/app/plugins --report",
    .run = run,
};
