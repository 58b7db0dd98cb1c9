// SPDX-License-Identifier: MIT
// registryctl compare GROUP ROOT...
#include "client/cli/roots.h"
#include "client/cli/table.h"
#include "client/source_registry.h"
#include "schema/parity.h"

static const struct option_row options[] = {
    {"--python", "VERSION", offsetof(struct options, python),
     "the registry's answer for this Python, e.g. 3.11"},
    {"--prereleases", NULL, offsetof(struct options, prereleases), "pre-releases count too"},
    {"--convention", "NAME", offsetof(struct options, convention),
     "auto (default: by its mark), a name, or FILE.yaml"},
    {"--strict", NULL, offsetof(struct options, strict),
     "shadowed and broken plugins count as differences too"},
};

static const char *text_of(const struct record *record, bool version) {
    return !record ? NULL : version ? record->version : record->value;
}

static void add_rows(struct table *table, const struct parity_pairs *pairs, const char *what,
                     enum color color, bool version) {
    for (size_t i = 0; i < pairs->count; i++) {
        const struct parity_pair *pair = &pairs->items[i];
        const struct record *known = pair->walk ? pair->walk : pair->registry;
        table_add(table, color, what);
        table_add(table, COLOR_NONE, known->name);
        table_add(table, COLOR_NONE, text_of(pair->walk, version));
        table_add(table, COLOR_NONE, text_of(pair->registry, version));
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
    table_init(&table, cli->arena, columns, sizeof columns / sizeof columns[0]);
    add_rows(&table, &parity->only_walk, "only in the walk", COLOR_RED, false);
    add_rows(&table, &parity->only_registry, "only in the registry", COLOR_RED, false);
    add_rows(&table, &parity->value, "other value", COLOR_RED, false);
    add_rows(&table, &parity->version, "other version", COLOR_RED, true);
    add_rows(&table, &parity->shadowed, "shadowed", told, false);
    add_rows(&table, &parity->invalid, "broken", told, false);
    return table.cell_count || table.no_memory ? table_print(&table, &cli->output, err) : STATUS_OK;
}

static void print_invalid(struct cli *cli, const struct parity *parity) {
    for (size_t i = 0; i < parity->invalid.count; i++) {
        const struct record *record = parity->invalid.items[i].walk;
        output_print(&cli->output, COLOR_BOLD, "\n%s\n", output_text(&cli->output, record->name));
        output_findings(&cli->output, &record->findings);
    }
}

static enum status print(struct cli *cli, const struct parity *parity, struct error *err) {
    bool equal = parity_is_equal(parity, cli->options.strict);
    output_print(&cli->output, COLOR_BOLD, "%s", output_text(&cli->output, parity->group));
    output_print(&cli->output, equal ? COLOR_GREEN : COLOR_RED, "  walk and registry %s",
                 equal ? "agree" : "differ");
    output_print(&cli->output, COLOR_NONE, ", %s the same\n",
                 output_count(&cli->output, parity->same, "entry point", "entry points"));
    enum status failed = print_differences(cli, parity, err);
    if (!failed) {
        print_invalid(cli, parity);
    }
    return failed;
}

static enum status run(struct cli *cli, struct error *err) {
    struct connection connection;
    struct walk_query query;
    struct records walked = {0};
    struct resolution resolution = {0};
    struct parity parity = {0};
    struct registry_question question = {
        .groups = cli->arguments,
        .group_count = 1,
        .python = cli->options.python,
        .prereleases = cli->options.prereleases,
    };
    enum status failed = command_connect(cli, &connection, err);
    failed = failed ? failed : roots_parse(cli, 1, &query, err);
    failed = failed ? failed : source_walk(cli->arena, &query, &walked, err);
    failed =
        failed ? failed : source_registry(cli->arena, &connection, &question, &resolution, err);
    failed = failed ? failed
                    : parity_compare(cli->arena, cli->arguments[0], &walked, &resolution.records,
                                     &parity, err);
    if (failed) {
        return failed;
    }
    bool strict = cli->options.strict;
    cli->exit_code = !parity_is_equal(&parity, strict);
    return cli->output.json ? output_json(&cli->output, parity_encode(&parity, strict), err)
                            : print(cli, &parity, err);
}

const struct command command_compare = {
    .name = "compare",
    .arguments = "GROUP ROOT...",
    .min_arguments = 2,
    .summary = "Compare directories with the registry, entry by entry",
    .description =
        "Says whether a host that walks the ROOTs (PATH or LABEL=PATH) would find the same entry\n"
        "points in the registry: what only one side has, and what differs in value or version.\n"
        "Shadowed and broken plugins are listed; with --strict they count as differences.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .exit_codes = "0  equal: the group can be switched to the registry\n"
                  "1  there are differences\n"
                  "2  no such directory, or no such convention\n",
    .example = "registryctl compare honeyframe.plugins install=/opt/app/plugins",
    .run = run,
};
