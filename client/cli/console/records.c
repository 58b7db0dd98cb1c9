// SPDX-License-Identifier: MIT
// The tables of records.h. A group is one section: a heading, a table, then the findings of its records.
// A column that would be empty, or equal to another, in every row is left out. Records must be sorted
// (records_sort), because a section is a run of records of one group.
#include "client/cli/console/records.h"

#include "client/cli/console/table.h"

#include <string.h>

enum column { NAME, VERSION, PACKAGE, VALUE, ROOT, STATE, COLUMN_COUNT };

// A run of records of one group.
struct section {
    const struct record *items;
    size_t count;
    size_t broken;   // with errors
    size_t shadowed; // lost to another of the same name
    bool walked;
    bool packages_differ; // from the names
};

// NULL equals NULL: two records without a version have the same version here.
static bool same_text(const char *a, const char *b) {
    return a && b ? strcmp(a, b) == 0 : a == b;
}

// The counts decide which columns are shown: one whose cells all say the same would only take room.
static struct section next_section(const struct records *records, size_t from) {
    struct section section = {.items = &records->items[from]};
    for (size_t i = from; i < records->count; i++) {
        const struct record *record = &records->items[i];
        if (!same_text(record->group, section.items->group)) {
            break;
        }
        section.count++;
        section.broken += record_has_errors(record);
        section.shadowed += record->shadowed_by != NULL;
        section.walked |= record->label != NULL;
        section.packages_differ |= record->package && !same_text(record->package, record->name);
    }
    return section;
}

static void print_heading(struct cli *cli, const struct section *section) {
    output_print(&cli->output, COLOR_BOLD, "%s", output_text(&cli->output, section->items->group));
    output_print(&cli->output, COLOR_NONE, "  %s",
                 output_count(&cli->output, section->count, "entry point", "entry points"));
    if (section->broken) {
        output_print(&cli->output, COLOR_RED, ", %zu broken", section->broken);
    }
    if (section->shadowed) {
        output_print(&cli->output, COLOR_YELLOW, ", %zu shadowed", section->shadowed);
    }
    output_print(&cli->output, COLOR_NONE, "\n");
}

// The strongest word wins: shadowed, then errors, then warnings.
static void add_state(struct table *table, const struct record *record) {
    size_t errors = findings_count(&record->findings, SEVERITY_ERROR);
    size_t warnings = findings_count(&record->findings, SEVERITY_WARNING);
    if (record->shadowed_by) {
        table_add(table, COLOR_YELLOW, errors ? "shadowed, broken" : "shadowed");
    } else if (errors) {
        table_add_count(table, COLOR_RED, errors, errors == 1 ? "error" : "errors");
    } else if (warnings) {
        table_add_count(table, COLOR_YELLOW, warnings, warnings == 1 ? "warning" : "warnings");
    } else {
        table_add(table, COLOR_GREEN, "ok");
    }
}

// The end of the records that have the name of the one at `from`.
static size_t end_of_name(const struct section *section, size_t from) {
    size_t end = from + 1;
    while (end < section->count && same_text(section->items[end].name, section->items[from].name)) {
        end++;
    }
    return end;
}

// Adds the records that win, or those that are shadowed: these are listed below the winners.
static void add_rows(struct table *table, const struct section *section, size_t from, size_t end,
                     bool shadowed) {
    for (size_t i = from; i < end; i++) {
        const struct record *record = &section->items[i];
        if ((record->shadowed_by != NULL) != shadowed) {
            continue;
        }
        enum color color = shadowed ? COLOR_DIM : COLOR_NONE;
        table_add(table, color, record->name);
        table_add(table, color, record->version);
        table_add(table, color, record->package);
        table_add(table, color, record->value);
        table_add(table, color, record->label ? record->label : record->source);
        add_state(table, record);
    }
}

static enum status print_section(struct cli *cli, const struct section *section,
                                 struct error *err) {
    const struct table_column columns[COLUMN_COUNT] = {
        [NAME] = {.title = "NAME", .min_width = 12},
        [VERSION] = {.title = "VERSION", .min_width = 8},
        [PACKAGE] = {.title = "PACKAGE", .min_width = 10, .hidden = !section->packages_differ},
        [VALUE] = {.title = "VALUE", .min_width = 16},
        [ROOT] = {.title = "ROOT", .min_width = 8, .hidden = !section->walked},
        [STATE] = {.title = "STATE", .min_width = 0},
    };
    struct table table;
    table_init(&table, cli->arena, columns, COLUMN_COUNT);
    for (size_t i = 0; i < section->count;) {
        size_t end = end_of_name(section, i);
        add_rows(&table, section, i, end, false);
        add_rows(&table, section, i, end, true);
        i = end;
    }
    print_heading(cli, section);
    return table_print(&table, &cli->output, err);
}

static void print_findings(struct cli *cli, const struct section *section) {
    for (size_t i = 0; i < section->count; i++) {
        const struct record *record = &section->items[i];
        cli->output.subject = record->origin;
        if (!output_has_new(&cli->output, &record->findings)) {
            continue;
        }
        output_print(&cli->output, COLOR_BOLD, "\n%s", output_text(&cli->output, record->name));
        output_print(&cli->output, COLOR_DIM, "  %s\n", output_text(&cli->output, record->origin));
        output_findings(&cli->output, &record->findings);
    }
    cli->output.subject = NULL;
}

enum status records_print(struct cli *cli, const struct records *records, struct error *err) {
    for (size_t at = 0; at < records->count;) {
        struct section section = next_section(records, at);
        if (at) {
            output_print(&cli->output, COLOR_NONE, "\n");
        }
        enum status status = print_section(cli, &section, err);
        if (status) {
            return status;
        }
        print_findings(cli, &section);
        at += section.count;
    }
    return STATUS_OK;
}
