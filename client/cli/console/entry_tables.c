// SPDX-License-Identifier: MIT
// Printing the lines of entry_tables.h as TOML. Everything from outside is either quoted or on a
// comment line made printable, so that the whole is always valid TOML.
#include "client/cli/console/entry_tables.h"

#include "client/cli/console/toml_text.h"

#include <string.h>

static const char *keep(struct cli *cli, const char *text) {
    cli->output.no_memory |= !text;
    return text ? text : "";
}

static bool same_text(const char *a, const char *b) {
    return a && b ? strcmp(a, b) == 0 : a == b;
}

// The standard's own tables for what installs a command; it forbids them among the groups.
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

static void print_left_out(struct cli *cli, const struct entry_line *line) {
    struct output *output = &cli->output;
    const struct record *record = line->record;
    const char *name = record->name ? record->name : "?";
    output_print(output, COLOR_YELLOW, "# %s: %s", line->left_out, output_text(output, name));
    if (record->value) {
        output_print(output, COLOR_YELLOW, " = %s",
                     output_text(output, keep(cli, toml_string(cli->arena, record->value))));
    }
    output_print(output, COLOR_YELLOW, "%s%s\n", record->shadowed_by ? ", by " : "",
                 output_text(output, record->shadowed_by));
    print_errors(cli, record);
}

static void print_line(struct cli *cli, const struct entry_line *line) {
    if (line->left_out) {
        print_left_out(cli, line);
        return;
    }
    output_print(&cli->output, COLOR_NONE, "%s = %s\n",
                 keep(cli, toml_key(cli->arena, line->record->name)),
                 keep(cli, toml_string(cli->arena, line->record->value)));
}

void entry_tables_print(struct cli *cli, const struct entry_lines *lines, size_t from, size_t end) {
    for (size_t at = from; at < end;) {
        size_t good = 0;
        size_t stop = entry_lines_end_of_group(lines, at, end, &good);
        const char *group = lines->items[at].record->group;
        if (at > from) {
            output_print(&cli->output, COLOR_NONE, "\n");
        }
        if (good) {
            print_header(cli, group);
        } else {
            output_print(&cli->output, COLOR_DIM, "# %s: nothing that can be declared\n",
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
        if (!lines->items[i].left_out && lines->items[i].record->version) {
            return lines->items[i].record->version;
        }
    }
    return NULL;
}

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
        output_print(output, COLOR_YELLOW, "# the plugin declares no version: give it one here\n");
        output_print(output, COLOR_NONE, "dynamic = [\"version\"]\n\n");
    }
}

void entry_projects_print(struct cli *cli, const struct entry_lines *lines) {
    for (size_t at = 0; at < lines->count;) {
        size_t good = 0;
        size_t end = entry_lines_end_of_package(lines, at, &good);
        output_print(&cli->output, COLOR_DIM, "%s# ---- pyproject.toml of %s ----\n",
                     at ? "\n" : "", output_text(&cli->output, lines->items[at].package));
        if (good) {
            print_project_head(cli, lines, at, end);
        }
        entry_tables_print(cli, lines, at, end);
        at = end;
    }
}
