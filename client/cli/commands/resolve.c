// SPDX-License-Identifier: MIT
// registryctl resolve GROUP...
#include "client/cli/input/facts.h"
#include "client/cli/console/records.h"
#include "client/cli/console/table.h"
#include "client/remote/source_registry.h"
#include "schema/base/cleanup.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

#include <string.h>

static const struct option_row options[] = {
    FACTS_OPTIONS,
    {"--explain", NULL, offsetof(struct options, explain),
     "also the releases that were left out, and why"},
    {"--limit", "N", offsetof(struct options, limit),
     "no more than N records and left-out releases"},
    {"--require", NULL, offsetof(struct options, require), "exit 1 when nothing matched"},
};

static json_t *encode_excluded(const struct resolution *resolution) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < resolution->excluded_count; i++) {
        const struct excluded *item = &resolution->excluded[i];
        json_t *object = json_pack("{s:o, s:o, s:o, s:o}", "package", json_text(item->package),
                                   "version", json_text(item->version), "code",
                                   json_text(item->code), "detail", json_text(item->detail));
        if (json_array_append_new(array, object)) {
            return NULL;
        }
    }
    return take(array);
}

static json_t *encode(const struct resolution *resolution, bool explain) {
    return explain ? json_pack("{s:o, s:o}", "records", records_encode(&resolution->records),
                               "excluded", encode_excluded(resolution))
                   : records_encode(&resolution->records);
}

// One after the other: what speaks against a release is what was asked for, and is never cut.
static void print_excluded_lines(struct cli *cli, const struct resolution *resolution) {
    enum { INDENT = 4 };
    struct output *output = &cli->output;
    for (size_t i = 0; i < resolution->excluded_count; i++) {
        const struct excluded *item = &resolution->excluded[i];
        output_print(output, COLOR_NONE, "  %s %s  ", output_text(output, item->package),
                     output_text(output, item->version));
        output_print(output, COLOR_YELLOW, "%s", output_text(output, item->code));
        output_print(output, COLOR_NONE, "\n%*s", INDENT, "");
        output_wrapped(output, COLOR_NONE, INDENT, output_text(output, item->detail));
        output_print(output, COLOR_NONE, "\n");
    }
}

static enum status print_excluded(struct cli *cli, const struct resolution *resolution,
                                  struct error *err) {
    static const struct table_column columns[] = {{.title = "PACKAGE", .min_width = 12},
                                                  {.title = "VERSION", .min_width = 8},
                                                  {.title = "WHY", .min_width = 0},
                                                  {.title = "DETAIL", .min_width = 20}};
    struct table table;
    table_init(&table, cli->arena, columns, COUNT_OF(columns));
    for (size_t i = 0; i < resolution->excluded_count; i++) {
        const struct excluded *item = &resolution->excluded[i];
        table_add(&table, COLOR_NONE, item->package);
        table_add(&table, COLOR_NONE, item->version);
        table_add(&table, COLOR_YELLOW, item->code);
        table_add(&table, COLOR_NONE, item->detail);
    }
    output_print(&cli->output, COLOR_BOLD, "\nLeft out");
    output_print(&cli->output, COLOR_NONE, "  %s\n",
                 output_count(&cli->output, resolution->excluded_count, "release", "releases"));
    if (resolution->excluded_count && !table_fits(&table, &cli->output)) {
        print_excluded_lines(cli, resolution);
        return STATUS_OK;
    }
    return resolution->excluded_count ? table_print(&table, &cli->output, err) : STATUS_OK;
}

// A group without records would otherwise just not be there.
static void print_empty_groups(struct cli *cli, const struct resolution *resolution) {
    const struct records *records = &resolution->records;
    size_t empty = 0;
    for (size_t i = 0; i < cli->argument_count; i++) {
        size_t at = 0;
        while (at < records->count && strcmp(records->items[at].group, cli->arguments[i]) != 0) {
            at++;
        }
        if (at == records->count) {
            const char *space = records->count && !empty++ ? "\n" : "";
            output_print(&cli->output, COLOR_BOLD, "%s%s", space,
                         output_text(&cli->output, cli->arguments[i]));
            output_print(&cli->output, COLOR_NONE, "  no entry points match\n");
        }
    }
    if (!records->count && !resolution->excluded_count) {
        output_print(&cli->output, COLOR_DIM, "registryctl groups lists the groups there are%s.\n",
                     cli->options.explain ? "" : "; --explain tells what is left out");
    }
}

// The question of the arguments and options; a limit is one more part of it.
static enum status ask(struct cli *cli, struct source_query *ret_query, struct error *err) {
    struct source_query query;
    enum status failed = facts_query(cli, cli->arguments, cli->argument_count, &query, err);
    if (failed) {
        return failed;
    }
    query.explain = cli->options.explain;
    struct query_parameter *parts = arena_array(cli->arena, query.fact_count + 1, sizeof *parts);
    if (!parts) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < query.fact_count; i++) {
        parts[i] = query.facts[i];
    }
    if (cli->options.limit) {
        parts[query.fact_count++] = (struct query_parameter){"limit", cli->options.limit};
    }
    query.facts = parts;
    *ret_query = query;
    return STATUS_OK;
}

static enum status run(struct cli *cli, struct error *err) {
    struct connection connection;
    struct resolution resolution = {0};
    struct source_query query;
    enum status failed = ask(cli, &query, err);
    failed = failed ? failed : command_connect(cli, &connection, err);
    failed = failed ? failed : source_registry(cli->arena, &connection, &query, &resolution, err);
    if (failed) {
        return failed;
    }
    cli->exit_code = cli->options.require && !resolution.records.count;
    if (cli->output.json) {
        return output_json(&cli->output, encode(&resolution, query.explain), err);
    }
    failed = records_print(cli, &resolution.records, err);
    if (!resolution.has_more) {
        print_empty_groups(cli, &resolution);
    }
    if (!failed && query.explain) {
        failed = print_excluded(cli, &resolution, err);
    }
    if (resolution.has_more) {
        output_print(&cli->output, COLOR_DIM, "\nThere is more: raise --limit to see it.\n");
    }
    return failed;
}

const struct command command_resolve = {
    .name = "resolve",
    .arguments = "GROUP...",
    .min_arguments = 1,
    .summary = "Ask the registry which entry points a group has",
    .description =
        "For each package, the newest release that fits is chosen; its entry points in the\n"
        "groups are the answer. A group without any is an empty answer, no error.",
    .options = options,
    .option_count = COUNT_OF(options),
    .exit_codes = "0  answered, also with nothing\n"
                  "1  nothing matched, with --require\n",
    .example =
        "registryctl resolve honeyframe.plugins --python 3.11 --have honeyframe==4.2 --explain",
    .run = run,
};
