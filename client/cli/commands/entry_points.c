// SPDX-License-Identifier: MIT
// registryctl entry-points: walked plugins as the entry-point tables of a pyproject.toml. The records are
// sorted by group (one document) or by package (a pyproject.toml for each, or JSON) and printed one line
// each. What cannot be declared becomes a comment with the reason, so that nothing is lost. Text from
// outside is either a quoted TOML string or on a comment line made printable: the output is always valid
// TOML and never steers a terminal.
#include "client/cli/input/query.h"
#include "client/fs/printable.h"
#include "client/pack/build_layout.h"
#include "schema/base/cleanup.h"
#include "schema/base/text.h"
#include "schema/json/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry_points_options {
    struct words groups;
    const char *package;
    bool project;
    const char *convention;
    bool require;
};

static const struct option_row entry_points_rows[] = {
    {"--group", "GROUP", offsetof(struct entry_points_options, groups),
     "Only the table of this group", .repeats = true},
    {"--package", "NAME", offsetof(struct entry_points_options, package),
     "Only the entry points of this package"},
    {"--project", NULL, offsetof(struct entry_points_options, project),
     "Print a complete pyproject.toml for each package"},
    CONVENTION_ROW(struct entry_points_options, convention),
    {"--require", NULL, offsetof(struct entry_points_options, require),
     "Exit 1 if nothing can be declared"},
};

// A record, and why it is only a comment.
struct entry_line {
    const struct record *record;
    const char *package; // the record's package, else its name; never NULL
    const char *problem; // "broken", "shadowed", ...; NULL: it can be declared
};

struct entry_lines {
    struct entry_line *items;
    size_t count;
};

// ---- TOML keys and strings ----

enum { ESCAPE_BYTES = 7 }; // "\u202e" and its NUL, the longest that one byte becomes

static bool is_bare(const char *key) {
    const char *p = key;
    while (is_alnum(*p) || *p == '_' || *p == '-') {
        p++;
    }
    return *key && !*p;
}

// A basic string with its quotes. Bytes that are not UTF-8 become U+FFFD. Arena; NULL when out of memory.
static const char *toml_string(struct arena *arena, const char *string) {
    const char *text = printable_utf8(arena, string);
    size_t len = text ? strlen(text) : 0;
    char *result = text ? arena_array(arena, len + 1, ESCAPE_BYTES) : NULL;
    char *out = result;
    if (!out) {
        return NULL;
    }
    *out++ = '"';
    for (size_t at = 0, step; at < len; at += step) {
        uint32_t code = 0;
        step = printable_character(text + at, len - at, &code);
        if (printable_steers_terminal(code)) {
            out += snprintf(out, ESCAPE_BYTES, "\\u%04x", code);
            continue;
        }
        if (code == '"' || code == '\\') {
            *out++ = '\\';
        }
        memcpy(out, text + at, step);
        out += step;
    }
    *out = '"';
    return result;
}

// "crm" as crm, "honeyframe.plugins" with quotes. Arena; NULL when out of memory.
static const char *toml_key(struct arena *arena, const char *key) {
    return is_bare(key) ? arena_strdup(arena, key) : toml_string(arena, key);
}

// ---- choosing and ordering ----

static int compare_texts(const char *a, const char *b) {
    return strcmp(a ? a : "", b ? b : "");
}

// Of one package and group: by directory, then by name, so that the output does not depend on the file system.
static int compare_origins(const struct entry_line *a, const struct entry_line *b) {
    int order = compare_texts(a->record->origin, b->record->origin);
    if (order) {
        return order;
    }
    order = compare_texts(a->record->name, b->record->name);
    if (order) {
        return order;
    }
    return (a->record > b->record) - (a->record < b->record); // qsort is not stable
}

// Records of one group form one table, so the group is the first key; within it packages stay together.
static int compare_by_group(const void *left, const void *right) {
    const struct entry_line *a = left;
    const struct entry_line *b = right;
    int order = compare_texts(a->record->group, b->record->group);
    if (order) {
        return order;
    }
    order = strcmp(a->package, b->package);
    return order ? order : compare_origins(a, b);
}

// For --project and JSON every package is a document of its own.
static int compare_by_package(const void *left, const void *right) {
    const struct entry_line *a = left;
    const struct entry_line *b = right;
    int order = strcmp(a->package, b->package);
    if (order) {
        return order;
    }
    order = compare_texts(a->record->group, b->record->group);
    return order ? order : compare_origins(a, b);
}

static bool is_requested(const struct cli *cli, const struct entry_line *line) {
    const struct entry_points_options *given = cli->options;
    const struct words *groups = &given->groups;
    bool of_group = !groups->count;
    for (size_t i = 0; i < groups->count; i++) {
        of_group |= compare_texts(line->record->group, groups->items[i]) == 0;
    }
    return of_group && (!given->package || strcmp(line->package, given->package) == 0);
}

// Why the record cannot be declared; NULL when it can. `winner` is the last record that can be.
static const char *problem_of(const struct record *record, const struct record *winner) {
    bool broken = record_has_errors(record) || !record->group || !record->name || !record->value;
    bool again = winner && compare_texts(winner->group, record->group) == 0 &&
                 compare_texts(winner->name, record->name) == 0;
    return record->shadowed_by ? broken ? "shadowed, broken" : "shadowed"
           : broken            ? "broken"
           : again             ? "duplicate name"
                               : NULL;
}

// Keeps the records that --group and --package request. They must be sorted (records_sort), so that two
// records of one name are neighbours.
static enum status collect_lines(struct cli *cli, const struct records *records, bool by_package,
                                 struct entry_lines *ret_lines, struct error *err) {
    struct entry_lines lines = {0};
    size_t most = records->count ? records->count : 1;
    const struct record *winner = NULL;
    lines.items = arena_array(cli->arena, most, sizeof *lines.items);
    if (!lines.items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < records->count; i++) {
        const struct record *record = &records->items[i];
        const char *package = record->package ? record->package : record->name;
        struct entry_line line = {record, package ? package : "", problem_of(record, winner)};
        winner = line.problem ? winner : record;
        if (is_requested(cli, &line)) {
            lines.items[lines.count++] = line;
        }
    }
    qsort(lines.items, lines.count, sizeof *lines.items,
          by_package ? compare_by_package : compare_by_group);
    *ret_lines = lines;
    return STATUS_OK;
}

// The end of the run of lines that belong to one package. *ret_good is how many can be declared.
static size_t end_of_package(const struct entry_lines *lines, size_t from, size_t *ret_good) {
    size_t end = from;
    size_t good = 0;
    while (end < lines->count &&
           strcmp(lines->items[end].package, lines->items[from].package) == 0) {
        good += !lines->items[end++].problem;
    }
    *ret_good = good;
    return end;
}

// The same for one group, up to `end`.
static size_t end_of_group(const struct entry_lines *lines, size_t from, size_t end,
                           size_t *ret_good) {
    const char *group = lines->items[from].record->group;
    size_t at = from;
    size_t good = 0;
    while (at < end && compare_texts(lines->items[at].record->group, group) == 0) {
        good += !lines->items[at++].problem;
    }
    *ret_good = good;
    return at;
}

// ---- tables ----

static const char *keep(struct cli *cli, const char *text) {
    cli->output.no_memory |= !text;
    return text ? text : "";
}

static bool same_text(const char *a, const char *b) {
    return a && b ? strcmp(a, b) == 0 : a == b;
}

// Scripts have tables of their own: the standard forbids them as entry-point groups.
static void print_header(struct cli *cli, const char *group) {
    if (strcmp(group, "console_scripts") == 0) {
        output_print(&cli->output, COLOR_BOLD, "[project.scripts]\n");
    } else if (strcmp(group, "gui_scripts") == 0) {
        output_print(&cli->output, COLOR_BOLD, "[project.gui-scripts]\n");
    } else {
        output_print(&cli->output, COLOR_BOLD, "[project.entry-points.%s]\n",
                     keep(cli, toml_key(cli->arena, group)));
    }
}

// "# crm 0.1.0  plugins/crm"
static void print_package(struct cli *cli, const struct entry_line *line) {
    struct output *output = &cli->output;
    const char *version = line->record->version;
    const char *origin = line->record->origin;
    output_print(output, COLOR_DIM, "# %s%s%s%s%s\n", output_text(output, line->package),
                 version ? " " : "", output_text(output, version), origin ? "  " : "",
                 output_text(output, origin));
}

static bool same_package(const struct entry_line *a, const struct entry_line *b) {
    return strcmp(a->package, b->package) == 0 &&
           same_text(a->record->version, b->record->version) &&
           same_text(a->record->origin, b->record->origin);
}

static void print_errors(struct cli *cli, const struct record *record) {
    struct output *output = &cli->output;
    for (size_t i = 0; i < record->findings.count; i++) {
        const struct finding *item = &record->findings.items[i];
        if (item->severity == SEVERITY_ERROR) {
            output_print(output, COLOR_RED, "#   %s%s%s [%s]\n", output_text(output, item->where),
                         item->where ? ": " : "", output_text(output, item->message), item->code);
        }
    }
}

// # shadowed: mail = "crm.mail:Plugin"     a comment, so that the file can still be used
// As a comment, so that the output stays valid TOML.
static void print_left_out(struct cli *cli, const struct entry_line *line) {
    struct output *output = &cli->output;
    const struct record *record = line->record;
    const char *name = record->name ? record->name : "?";
    output_print(output, COLOR_YELLOW, "# %s: %s", line->problem, output_text(output, name));
    if (record->value) {
        output_print(output, COLOR_YELLOW, " = %s",
                     output_text(output, keep(cli, toml_string(cli->arena, record->value))));
    }
    output_print(output, COLOR_YELLOW, "%s%s\n", record->shadowed_by ? ", by " : "",
                 output_text(output, record->shadowed_by));
    print_errors(cli, record);
}

static void print_line(struct cli *cli, const struct entry_line *line) {
    if (line->problem) {
        print_left_out(cli, line);
        return;
    }
    output_print(&cli->output, COLOR_NONE, "%s = %s\n",
                 keep(cli, toml_key(cli->arena, line->record->name)),
                 keep(cli, toml_string(cli->arena, line->record->value)));
}

// [project.entry-points."honeyframe.plugins"]
// crm = "plugins.crm:manifest"
static void print_tables(struct cli *cli, const struct entry_lines *lines, size_t from,
                         size_t end) {
    for (size_t at = from; at < end;) {
        size_t good = 0;
        size_t stop = end_of_group(lines, at, end, &good);
        const char *group = lines->items[at].record->group;
        if (at > from) {
            output_print(&cli->output, COLOR_NONE, "\n");
        }
        if (good) {
            print_header(cli, group);
        } else {
            output_print(&cli->output, COLOR_DIM, "# %s: nothing can be declared\n",
                         output_text(&cli->output, group));
        }
        for (size_t i = at; i < stop; i++) {
            if (i == at || !same_package(&lines->items[i], &lines->items[i - 1])) {
                print_package(cli, &lines->items[i]);
            }
            print_line(cli, &lines->items[i]);
        }
        at = stop;
    }
}

// ---- whole projects ----

static const char *version_among(const struct entry_lines *lines, size_t from, size_t end) {
    for (size_t i = from; i < end; i++) {
        if (!lines->items[i].problem && lines->items[i].record->version) {
            return lines->items[i].record->version;
        }
    }
    return NULL;
}

// The smallest file that builds: the back end, the name and the version.
// setuptools 61 is the first that reads [project].
static void print_project_head(struct cli *cli, const struct entry_lines *lines, size_t from,
                               size_t end) {
    struct output *output = &cli->output;
    const char *version = version_among(lines, from, end);
    output_print(output, COLOR_BOLD, "[build-system]\n");
    output_print(output, COLOR_NONE,
                 "requires = [\"setuptools>=61\"]\n"
                 "build-backend = \"setuptools.build_meta\"\n\n");
    output_print(output, COLOR_BOLD, "[project]\n");
    output_print(output, COLOR_NONE, "name = %s\n",
                 keep(cli, toml_string(cli->arena, lines->items[from].package)));
    if (version) {
        output_print(output, COLOR_NONE, "version = %s\n\n",
                     keep(cli, toml_string(cli->arena, version)));
    } else {
        output_print(output, COLOR_YELLOW, "# The plugin declares no version. Set it here.\n");
        output_print(output, COLOR_NONE, "dynamic = [\"version\"]\n\n");
    }
}

// The directory of the pyproject.toml is the package: "plugins.crm" lies in ".". What building leaves there
// must not be taken into the next wheel.
static void print_layout_here(struct cli *cli, const char *package) {
    struct output *output = &cli->output;
    output_print(output, COLOR_BOLD, "\n[tool.setuptools]\n");
    output_print(output, COLOR_NONE, "packages = [%s]\npackage-dir = {%s = \".\"}\n", package,
                 package);
    output_print(output, COLOR_BOLD, "\n[tool.setuptools.exclude-package-data]\n");
    output_print(output, COLOR_NONE,
                 "%s = [\"pyproject.toml\", \"build/lib/*\", \"build/bdist*\", \"dist/*\", "
                 "\"*.egg-info/*\", \"*__pycache__/*\"]\n",
                 package);
}

// The package lies below the pyproject.toml, with its sub-packages.
static void print_layout_below(struct cli *cli, const struct build_layout *layout,
                               const char *package) {
    struct output *output = &cli->output;
    bool is_in_src = strncmp(layout->folder, "src/", 4) == 0;
    const char *below = keep(cli, arena_printf(cli->arena, "%s.*", layout->package));
    output_print(output, COLOR_BOLD, "\n[tool.setuptools.packages.find]\n");
    output_print(output, COLOR_NONE, "where = [\"%s\"]\ninclude = [%s, %s]\n",
                 is_in_src ? "src" : ".", package, keep(cli, toml_string(cli->arena, below)));
}

// Which files the wheel holds, and where: without these tables setuptools looks for packages by rules of its own, and
// makes a wheel without the plugin. Data files are taken like code, since plugins read files beside their code.
static void print_layout(struct cli *cli, const struct build_layout *layout) {
    const char *package = keep(cli, toml_string(cli->arena, layout->package));
    if (strcmp(layout->folder, ".") == 0) {
        print_layout_here(cli, package);
    } else {
        print_layout_below(cli, layout, package);
    }
    output_print(&cli->output, COLOR_BOLD, "\n[tool.setuptools.package-data]\n");
    output_print(&cli->output, COLOR_NONE, "%s = [\"**/*\"]\n", package);
}

// One layout for all entry points of a package: that of the first that can be declared.
static void print_package_layout(struct cli *cli, const struct entry_lines *lines, size_t from,
                                 size_t end) {
    struct build_layout layout;
    struct error why;
    for (size_t i = from; i < end; i++) {
        const struct entry_line *line = &lines->items[i];
        if (line->problem || !line->record->origin) {
            continue;
        }
        enum status status =
            build_layout_find(cli->arena, line->record->value, line->record->origin, &layout, &why);
        cli->output.no_memory |= status == STATUS_NO_MEMORY;
        if (!status) {
            print_layout(cli, &layout);
            return;
        }
    }
}

// Several files in one stream are kept apart by a comment with the package's name.
static void print_projects(struct cli *cli, const struct entry_lines *lines) {
    for (size_t at = 0; at < lines->count;) {
        size_t good = 0;
        size_t end = end_of_package(lines, at, &good);
        output_print(&cli->output, COLOR_DIM, "%s# ---- pyproject.toml of %s ----\n",
                     at ? "\n" : "", output_text(&cli->output, lines->items[at].package));
        if (good) {
            print_project_head(cli, lines, at, end);
        }
        print_tables(cli, lines, at, end);
        if (good) {
            print_package_layout(cli, lines, at, end);
        }
        at = end;
    }
}

// ---- the command ----

static bool set_entry(json_t *tables, const struct record *record) {
    json_t *table = json_object_get(tables, record->group);
    if (!table && json_object_set_new(tables, record->group, json_object()) == 0) {
        table = json_object_get(tables, record->group);
    }
    return table && json_object_set_new(table, record->name, json_text(record->value)) == 0;
}

// One package: its entry points, and the records that cannot be declared.
static json_t *encode_package(const struct entry_lines *lines, size_t from, size_t end) {
    scoped(cleanup_json) json_t *tables = json_object();
    scoped(cleanup_json) json_t *left_out = json_array();
    const char *version = NULL;
    const char *origin = NULL;
    for (size_t i = from; i < end; i++) {
        const struct entry_line *line = &lines->items[i];
        if (!version && !line->problem) { // the first that is declared speaks for the package
            version = line->record->version;
        }
        if (!origin && !line->problem) {
            origin = line->record->origin;
        }
        bool added = line->problem
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
        size_t end = end_of_package(lines, at, &good);
        if (json_array_append_new(array, encode_package(lines, at, end))) {
            return NULL;
        }
        at = end;
    }
    return take(array);
}

static bool can_declare_any(const struct entry_lines *lines) {
    for (size_t i = 0; i < lines->count; i++) {
        if (!lines->items[i].problem) {
            return true;
        }
    }
    return false;
}

static enum status run(struct cli *cli, struct error *err) {
    const struct entry_points_options *given = cli->options;
    struct walk_query query;
    struct records records = {0};
    struct entry_lines lines = {0};
    bool by_package = cli->output.json || given->project;
    enum status status = roots_parse_arguments(cli, 0, given->convention, &query, err);
    if (status) {
        return status;
    }
    status = source_walk(cli->arena, &query, &records, err);
    if (status) {
        return status;
    }
    status = collect_lines(cli, &records, by_package, &lines, err);
    if (status) {
        return status;
    }
    cli->exit_code = given->require && !can_declare_any(&lines);
    if (cli->output.json) {
        return output_json(&cli->output, encode(&lines), err);
    }
    if (!lines.count) {
        output_print(&cli->output, COLOR_DIM, "# No plugins found.\n");
    } else if (by_package) {
        print_projects(cli, &lines);
    } else {
        print_tables(cli, &lines, 0, lines.count);
    }
    return STATUS_OK;
}

const struct command command_entry_points = {
    .name = "entry-points",
    .arguments = "ROOT...",
    .min_arguments = 1,
    .lines = "package version origin",
    .summary = "Print the entry-point tables for plugins in directories",
    .description =
        "Each ROOT is PATH or LABEL=PATH, as for walk. The output is TOML for a pyproject.toml,\n"
        "also in a pipe: one table for each group. A comment names each package and its "
        "directory.\n"
        "Broken and shadowed plugins become comments with the reason. With --project the output\n"
        "is a complete pyproject.toml for each package; add --package to print only one.",
    COMMAND_OPTIONS(entry_points_rows, struct entry_points_options),
    .exit_codes = "0  Done, even if some plugins are broken\n"
                  "1  Nothing can be declared (--require)\n"
                  "2  Unknown directory or convention\n",
    .example = "registryctl entry-points --project --package crm plugins > crm/pyproject.toml",
    .run = run,
};
