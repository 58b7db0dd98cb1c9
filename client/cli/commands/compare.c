// SPDX-License-Identifier: MIT
// registryctl compare: whether a host that walks these roots would find the same entry points in the
// registry. One resolve of all groups and the walk are done first; schema/parity.c then compares them
// group by group. The comparison is printed before --report sends it, so that it is never lost when the
// registry refuses the report. A group without entry points on both sides is a difference: two empty sides
// agree about nothing, and a misspelt group would look safe to switch.
#include "client/cli/console/decisions.h"
#include "schema/guess.h"
#include "client/cli/console/junit.h"
#include "client/cli/console/table.h"
#include "client/cli/contributions/compare_contributions.h"
#include "client/cli/input/duration.h"
#include "client/cli/input/group_guess.h"
#include "client/cli/input/query.h"
#include "client/public/compare_sources.h"
#include "client/remote/group_contracts.h"
#include "client/remote/publish.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/json/json.h"

#include <limits.h>
#include <string.h>

struct compare_options {
    struct facts_options facts; // only --python and --prereleases
    const char *convention;
    bool strict;
    bool allow_empty;
    bool contributions;
    bool contracts;
    struct words groups;
    bool report;
    const char *host;
    const char *duration;
};

static const struct option_row rows[] = {
    FACTS_PYTHON_ROW(struct compare_options, facts),
    FACTS_PRERELEASES_ROW(struct compare_options, facts),
    CONVENTION_ROW(struct compare_options, convention),
    {"--strict", NULL, offsetof(struct compare_options, strict),
     "Treat shadowed and broken plugins as differences"},
    {"--allow-empty", NULL, offsetof(struct compare_options, allow_empty),
     "Accept a group that has no entry points on either side"},
    {"--contracts", NULL, offsetof(struct compare_options, contracts),
     "Warn of plugins in the directories that break the contract of their group"},
    {"--contributions", NULL, offsetof(struct compare_options, contributions),
     "Also compare what the plugins contribute to their host"},
    {"--group", "GROUP", offsetof(struct compare_options, groups),
     "Group to compare; all arguments are then roots", .repeats = true},
    {"--report", NULL, offsetof(struct compare_options, report),
     "Send the result to the registry; requires a token"},
    {"--host", "NAME", offsetof(struct compare_options, host),
     "Host name in the report; default: the name of this machine"},
    {"--for", "DURATION", offsetof(struct compare_options, duration),
     "How long reports must agree until a switch is safe; default 24h"},
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

// One row a difference. The origin is that of the walk when there is one: it is what an operator can repair.
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

// One row a difference, with what each side has; a dash stands for a side that has nothing.
static enum status print_differences(struct cli *cli, const struct parity *parity,
                                     struct error *err) {
    const struct compare_options *given = cli->options;
    static const struct table_column columns[] = {
        {.title = "DIFFERENCE", .min_width = 0},
        {.title = "NAME", .min_width = 10},
        {.title = "WALK", .min_width = 12},
        {.title = "REGISTRY", .min_width = 12},
        {.title = "ORIGIN", .min_width = 12, .optional = true},
    };
    enum color lenient = given->strict ? COLOR_RED : COLOR_YELLOW;
    struct table table;
    table_init(&table, cli->arena, columns, COUNT_OF(columns));
    add_rows(&table, &parity->only_walk, "only in the walk", COLOR_RED, SHOW_VALUE);
    add_rows(&table, &parity->only_registry, "only in the registry", COLOR_RED, SHOW_VALUE);
    add_rows(&table, &parity->value, "other value", COLOR_RED, SHOW_VALUE);
    add_rows(&table, &parity->version, "other version", COLOR_RED, SHOW_VERSION);
    add_rows(&table, &parity->manifest, "other manifest", COLOR_RED, SHOW_MANIFEST);
    add_rows(&table, &parity->shadowed, "shadowed", lenient, SHOW_VALUE);
    add_rows(&table, &parity->invalid, "broken", lenient, SHOW_VALUE);
    return table.cell_count || table.no_memory ? table_print(&table, &cli->output, err) : STATUS_OK;
}

// The table names the plugins; what is wrong with them follows below it.
static void print_findings(struct cli *cli, const struct parity_pairs *pairs) {
    for (size_t i = 0; i < pairs->count; i++) {
        const struct record *record = pairs->items[i].walk;
        output_print(&cli->output, COLOR_BOLD, "\n%s\n", output_text(&cli->output, record->name));
        cli->output.subject = record->origin;
        output_findings(&cli->output, &record->findings);
    }
    cli->output.subject = NULL;
}

// With --contracts: why a plugin of the directories is perhaps not in the registry as it is here.
static void print_breaches(struct cli *cli, const struct parity *parity) {
    const struct compare_options *given = cli->options;
    const struct parity_pairs *const lists[] = {&parity->only_walk, &parity->value,
                                                &parity->version, &parity->manifest};
    for (size_t i = 0; given->contracts && i < COUNT_OF(lists); i++) {
        for (size_t j = 0; j < lists[i]->count; j++) {
            struct parity_pairs one = {.items = &lists[i]->items[j], .count = 1};
            if (one.items->walk->findings.count) {
                print_findings(cli, &one);
            }
        }
    }
}

// decisions_print_withheld takes records, so the pairs are turned into a list of their walked
// sides.
static enum status print_withheld(struct cli *cli, const struct parity *parity, struct error *err) {
    struct records withheld = {0};
    for (size_t i = 0; i < parity->withheld.count; i++) {
        struct record *record = records_add(cli->arena, &withheld);
        if (!record) {
            return fail_no_memory(err);
        }
        *record = *parity->withheld.items[i].walk;
    }
    return decisions_print_withheld(cli, &withheld, err);
}

// A version that the walk does not know is no difference: many plugin directories declare none.
static enum status print_one(struct cli *cli, const struct parity *parity, struct error *err) {
    const struct compare_options *given = cli->options;
    bool equal = parity_is_equal(parity, given->strict);
    if (parity_is_empty(parity) && !equal) {
        return STATUS_OK; // warn_of_empty_groups reports it
    }
    output_print(&cli->output, COLOR_BOLD, "%s", output_text(&cli->output, parity->group));
    output_print(&cli->output, equal ? COLOR_GREEN : COLOR_RED, "  walk and registry %s",
                 equal ? "agree" : "differ");
    output_print(&cli->output, COLOR_NONE, ", %s the same",
                 output_count(&cli->output, parity->same, "entry point", "entry points"));
    if (parity->unknown_version.count) {
        output_print(&cli->output, COLOR_NONE, ", %zu without a version in the walk",
                     parity->unknown_version.count);
    }
    output_print(&cli->output, COLOR_NONE, "\n");
    enum status status = print_differences(cli, parity, err);
    if (status) {
        return status;
    }
    print_findings(cli, &parity->invalid);
    print_breaches(cli, parity);
    return print_withheld(cli, parity, err);
}

// One walk and one request serve all groups, so that groups are compared in the same state of both sides.
struct comparison {
    struct words groups; // that are compared
    struct connection connection;
    struct walk_query query;
    struct compared_sources sources;
    struct parity *parities; // of each group
    json_t *contributions;   // of each group, a report; NULL: not asked for
    long long for_seconds;   // 0: not said
};

// Adds the groups of "a,b", without duplicates.
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
                        name.len ? "Too many groups: at most %d can be compared at once."
                                 : "Invalid group: a name is empty. Use up to %d names.",
                        LIMIT_QUERY_GROUPS);
        }
        if (!known) {
            groups->items[groups->count++] = copy;
        }
    }
    return STATUS_OK;
}

// With --group all arguments are roots; else the first argument names the groups.
static enum status parse(struct cli *cli, struct comparison *comparison, struct error *err) {
    const struct compare_options *given = cli->options;
    const struct words *named = &given->groups;
    struct words *groups = &comparison->groups;
    size_t first_root = named->count ? 0 : 1;
    groups->items = arena_array(cli->arena, LIMIT_QUERY_GROUPS, sizeof *groups->items);
    if (!groups->items) {
        return fail_no_memory(err);
    }
    if (cli->argument_count <= first_root) {
        return fail(err, STATUS_USAGE, NULL,
                    "Missing argument. Usage: registryctl compare GROUP ROOT...");
    }
    if (first_root) {
        enum status status = add_groups(cli, groups, cli->arguments[0], err);
        if (status) {
            return status;
        }
    }
    for (size_t i = 0; i < named->count; i++) {
        enum status status = add_groups(cli, groups, named->items[i], err);
        if (status) {
            return status;
        }
    }
    return roots_parse_arguments(cli, first_root, given->convention, &comparison->query, err);
}

// The directories alone are held against the contracts: what the registry gives was judged when it was published.
static enum status hold(struct cli *cli, struct comparison *c, struct error *err) {
    const struct compare_options *given = cli->options;
    const struct api_call call = {.arena = cli->arena, .connection = &c->connection};
    struct asked_contracts contracts;
    struct records *walked = &c->sources.walked;
    if (!given->contracts) {
        return STATUS_OK;
    }
    enum status status = group_contracts_load(&call, walked, &contracts, err);
    return status
               ? status
               : hold_contracts(cli->arena, &contracts, &c->query, SEVERITY_WARNING, walked, err);
}

static enum status compare_each_contribution(struct cli *cli, struct comparison *c,
                                             struct error *err) {
    for (size_t i = 0; c->contributions && i < c->groups.count; i++) {
        json_t *report = NULL;
        enum status status =
            compare_contributions(cli->arena, &c->sources, c->groups.items[i], &report, err);
        if (status) {
            return status;
        }
        cli->exit_code |= !json_is_true(json_object_get(report, "same"));
        if (json_array_append_new(c->contributions, report)) {
            return fail_no_memory(err);
        }
    }
    return c->contributions ? STATUS_OK : fail_no_memory(err);
}

// Both sides are asked before anything is printed, so that a failure leaves no half report.
static enum status compare(struct cli *cli, struct comparison *c, struct error *err) {
    const struct compare_options *given = cli->options;
    struct source_query query = {
        .groups = c->groups.items,
        .group_count = c->groups.count,
        .python = given->facts.python,
        .prereleases = given->facts.prereleases,
    };
    enum status status = command_connect(cli, &c->connection, err);
    if (status) {
        return status;
    }
    status = compare_sources(cli->arena, &c->connection, &query, c->query, &c->sources, err);
    if (status) {
        return status;
    }
    status = hold(cli, c, err);
    if (status) {
        return status;
    }
    struct parity_sides sides = compare_sides(&c->sources);
    c->parities = arena_array(cli->arena, c->groups.count, sizeof *c->parities);
    if (!c->parities) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < c->groups.count; i++) {
        status = parity_compare(cli->arena, c->groups.items[i], &sides, &c->parities[i], err);
        if (status) {
            return status;
        }
        c->parities[i].allow_empty = given->allow_empty;
    }
    return given->contributions ? compare_each_contribution(cli, c, err) : STATUS_OK;
}

// ---- groups without an entry point on either side ----

// The nearest name among the groups of the conventions, of the walked plugins and of the registry.
static const char *find_near_group(const struct comparison *c, const json_t *groups,
                                   const char *wanted) {
    struct guess guess = group_guess(wanted, groups);
    for (size_t i = 0; i < c->sources.walked.count; i++) {
        guess_offer(&guess, c->sources.walked.items[i].group);
    }
    return guess.nearest;
}

// --allow-empty says that an empty group is meant to be empty; it is then not counted.
static size_t count_empty_groups(const struct comparison *c) {
    size_t count = 0;
    for (size_t i = 0; i < c->groups.count; i++) {
        count += parity_is_empty(&c->parities[i]) && !c->parities[i].allow_empty;
    }
    return count;
}

// Mostly a misspelt group, which must never read as "safe". The registry's own groups are loaded
// for a suggestion; without an answer there is none.
static void warn_of_empty_groups(struct cli *cli, const struct comparison *c) {
    if (!count_empty_groups(c)) {
        return;
    }
    struct output errors = output_errors(&cli->output);
    struct api_call call = {.arena = cli->arena, .connection = &c->connection};
    scoped(cleanup_json) json_t *answer = group_guess_load(&call);
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

static json_t *encode_one(const struct comparison *c, size_t i, bool strict) {
    scoped(cleanup_json) json_t *report = parity_encode(&c->parities[i], strict);
    json_t *contributions = json_array_get(c->contributions, i);
    bool is_good =
        report && (!contributions || json_object_set(report, "contributions", contributions) == 0);
    return is_good ? take(report) : NULL;
}

// One group: its report; several: an array of them.
static json_t *encode(const struct comparison *c, bool strict) {
    if (c->groups.count == 1) {
        return encode_one(c, 0, strict);
    }
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < c->groups.count; i++) {
        if (json_array_append_new(array, encode_one(c, i, strict))) {
            return NULL;
        }
    }
    return take(array);
}

// JUnit is for build servers, which show each group as a test.
static enum status print(struct cli *cli, const struct comparison *c, struct error *err) {
    const struct compare_options *given = cli->options;
    const char *format = cli->global.format;
    bool strict = given->strict;
    if (format && strcmp(format, "junit") == 0) {
        junit_print(&cli->output, c->parities, c->groups.count, &c->sources.walked, strict);
        return STATUS_OK;
    }
    if (cli->output.json) {
        return output_json(&cli->output, encode(c, strict), err);
    }
    for (size_t i = 0; i < c->groups.count; i++) {
        output_print(&cli->output, COLOR_NONE, i ? "\n" : "");
        enum status status = print_one(cli, &c->parities[i], err);
        const json_t *contributions = json_array_get(c->contributions, i);
        if (!status && contributions) {
            status = compare_contributions_print(cli, contributions, err);
        }
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

// Sends the result, whatever it is. The comparison was printed already.
static enum status report(struct cli *cli, const struct comparison *c, struct error *err) {
    const struct compare_options *given = cli->options;
    char machine[HOST_NAME_MAX + 1] = "";
    struct findings warnings;
    struct host_report sent = {.host = given->host,
                               .walk = &c->query,
                               .parities = c->parities,
                               .count = c->groups.count,
                               .for_seconds = c->for_seconds};
    if (!sent.host && (gethostname(machine, HOST_NAME_MAX) || !*machine)) {
        return fail(err, STATUS_USAGE, NULL,
                    "This machine has no host name. Set one with --host NAME.");
    }
    sent.host = sent.host ? sent.host : machine;
    findings_init(&warnings, cli->arena);
    struct api_call call = {cli->arena, &c->connection, &warnings};
    enum status status = publish_report(&call, &sent, err);
    struct output errors = output_errors(&cli->output);
    fflush(stdout);
    output_findings(&errors, &warnings);
    if (!status && isatty(STDERR_FILENO)) {
        output_print(&errors, COLOR_DIM, "Reported as host %s.\n", output_text(&errors, sent.host));
    }
    cli->output.no_memory |= errors.no_memory || warnings.no_memory;
    return status;
}

// It goes with the report, so without one it would mean nothing.
static enum status parse_duration(const struct compare_options *given,
                                  struct comparison *comparison, struct error *err) {
    if (!given->duration) {
        return STATUS_OK;
    }
    if (!given->report) {
        return fail(err, STATUS_USAGE, NULL, "--for needs --report.");
    }
    return duration_parse(given->duration, &comparison->for_seconds) && comparison->for_seconds
               ? STATUS_OK
               : fail(err, STATUS_USAGE, NULL,
                      "Invalid --for \"%s\". Use a time such as 7d, 12h, 30m or 45s, up to ten "
                      "years.",
                      given->duration);
}

static enum status run(struct cli *cli, struct error *err) {
    const struct compare_options *given = cli->options;
    scoped(cleanup_json) json_t *contributions = given->contributions ? json_array() : NULL;
    struct comparison comparison = {.contributions = contributions};
    enum status status = parse_duration(given, &comparison, err);
    if (status) {
        return status;
    }
    status = parse(cli, &comparison, err);
    if (status) {
        return status;
    }
    status = compare(cli, &comparison, err);
    if (status) {
        return status;
    }
    for (size_t i = 0; i < comparison.groups.count; i++) {
        cli->exit_code |= !parity_is_equal(&comparison.parities[i], given->strict);
    }
    status = print(cli, &comparison, err);
    if (status) {
        return status;
    }
    warn_of_empty_groups(cli, &comparison);
    bool kept = given->report && !count_empty_groups(&comparison);
    return kept ? report(cli, &comparison, err) : STATUS_OK;
}

const struct command command_compare = {
    .name = "compare",
    .arguments = "GROUP[,GROUP...] ROOT...",
    .min_arguments = 1,
    .format = "junit",
    .lines = "only_walk, only_registry, value, version, manifest, unknown_version, shadowed, "
             "invalid, withheld: "
             "^group name|walk.name package|walk.package version|walk.version registry.version "
             "value|walk.value "
             "registry.value",
    .summary = "Compare plugin directories with the registry",
    .description =
        "Shows whether a host that walks the ROOTs (PATH or LABEL=PATH) would find the same entry\n"
        "points in the registry: which entry points only one side has, and which differ in value,\n"
        "version or manifest. Shadowed and broken plugins are listed; with --strict they are\n"
        "differences. Plugins that the registry withholds by a decision are listed and are no\n"
        "difference: after the switch the host gets what was decided.\n"
        "With --contracts, plugins that the registry would refuse are warned of, with file and\n"
        "line; the report has the warnings too.\n"
        "With --contributions, what the plugins contribute to their host is compared, too.\n"
        "A group without entry points on both sides is an error, unless --allow-empty is set.\n"
        "--format junit prints JUnit XML. --report sends the result to the registry, where\n"
        "\"registryctl transition\" shows it.",
    COMMAND_OPTIONS(rows, struct compare_options),
    .exit_codes = "0  Equal: the groups can be switched to the registry\n"
                  "1  There are differences, or there is nothing to compare\n"
                  "2  Unknown directory or convention\n",
    .example = "registryctl compare honeyframe.plugins install=/opt/app/plugins --report",
    .run = run,
};
