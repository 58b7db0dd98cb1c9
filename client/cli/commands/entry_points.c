// SPDX-License-Identifier: MIT
// registryctl entry-points ROOT...
#include "client/cli/console/entry_tables.h"
#include "client/cli/input/roots.h"
#include "schema/base/cleanup.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

#include <string.h>

static const struct option_row options[] = {
    {"--group", "GROUP", offsetof(struct options, groups), "only the tables of this group",
     .repeats = true},
    {"--package", "NAME", offsetof(struct options, package), "only what this package declares"},
    {"--project", NULL, offsetof(struct options, project),
     "a whole pyproject.toml for each package"},
    {"--convention", "NAME", offsetof(struct options, convention),
     "auto (each plugin by its mark), one convention, or a declaration's file"},
    {"--require", NULL, offsetof(struct options, require),
     "exit 1 when there is nothing to declare"},
};

static bool set_entry(json_t *tables, const struct record *record) {
    json_t *table = json_object_get(tables, record->group);
    if (!table && json_object_set_new(tables, record->group, json_object()) == 0) {
        table = json_object_get(tables, record->group);
    }
    return table && json_object_set_new(table, record->name, json_text(record->value)) == 0;
}

// One package: what it can declare, and the records that it cannot.
static json_t *encode_package(const struct entry_lines *lines, size_t from, size_t end) {
    scoped(cleanup_json) json_t *tables = json_object();
    scoped(cleanup_json) json_t *left_out = json_array();
    const char *version = NULL;
    const char *origin = NULL;
    for (size_t i = from; i < end; i++) {
        const struct entry_line *line = &lines->items[i];
        version = version ? version : line->left_out ? NULL : line->record->version;
        origin = origin ? origin : line->left_out ? NULL : line->record->origin;
        bool added = line->left_out
                         ? json_array_append_new(left_out, record_encode(line->record)) == 0
                         : set_entry(tables, line->record);
        if (!added) {
            return NULL;
        }
    }
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "package", json_text(lines->items[from].package),
                     "version", json_text(version), "origin", json_text(origin), "entry_points",
                     take(tables), "left_out", take(left_out));
}

static json_t *encode(const struct entry_lines *lines) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t at = 0; array && at < lines->count;) {
        size_t good = 0;
        size_t end = entry_lines_end_of_package(lines, at, &good);
        if (json_array_append_new(array, encode_package(lines, at, end))) {
            return NULL;
        }
        at = end;
    }
    return take(array);
}

static bool can_declare_any(const struct entry_lines *lines) {
    for (size_t i = 0; i < lines->count; i++) {
        if (!lines->items[i].left_out) {
            return true;
        }
    }
    return false;
}

static enum status run(struct cli *cli, struct error *err) {
    struct walk_query query;
    struct records records = {0};
    struct entry_lines lines = {0};
    const char *format = cli->options.format;
    bool json = format && strcmp(format, "json") == 0; // TOML is for files, so a pipe gets it too
    bool by_package = json || cli->options.project;
    enum status failed = roots_parse(cli, 0, &query, err);
    failed = failed ? failed : source_walk(cli->arena, &query, &records, err);
    failed = failed ? failed : entry_lines_collect(cli, &records, by_package, &lines, err);
    if (failed) {
        return failed;
    }
    cli->exit_code = cli->options.require && !can_declare_any(&lines);
    if (json) {
        return output_json(&cli->output, encode(&lines), err);
    }
    if (!lines.count) {
        output_print(&cli->output, COLOR_DIM, "# No plugins were found.\n");
    } else if (by_package) {
        entry_projects_print(cli, &lines);
    } else {
        entry_tables_print(cli, &lines, 0, lines.count);
    }
    return STATUS_OK;
}

const struct command command_entry_points = {
    .name = "entry-points",
    .arguments = "ROOT...",
    .min_arguments = 1,
    .summary = "Print the entry-point tables that walked plugins would declare",
    .description =
        "Each ROOT is PATH or LABEL=PATH. What is printed is TOML for a pyproject.toml, also in a\n"
        "pipe: a table for each group, in it a comment for each package and its entry points.\n"
        "Broken and shadowed plugins are comments with the reason. With --project, a whole\n"
        "pyproject.toml for each package, one after the other; --package takes out one of them.",
    .options = options,
    .option_count = COUNT_OF(options),
    .exit_codes = "0  printed, broken plugins included\n"
                  "1  nothing can be declared, with --require\n"
                  "2  no such directory, or no such convention\n",
    .example = "registryctl entry-points --project --package crm plugins > crm/pyproject.toml",
    .run = run,
};
