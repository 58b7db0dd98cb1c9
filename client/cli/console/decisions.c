// SPDX-License-Identifier: MIT
// The tables of decisions.h. A decision about a package has a row for each of its entry points, so rows that differ
// in the entry point alone are one line here. Reasons are sentences and must stay whole: a table when every cell
// fits, else each reason below its line.
#include "client/cli/console/decisions.h"

#include "client/cli/console/table.h"
#include "schema/base/list.h"

#include <string.h>

static bool is_same_text(const char *a, const char *b) {
    return a && b ? strcmp(a, b) == 0 : a == b;
}

// A pin is no news here: each pinned package has such a row, and it speaks only to plugins in directories.
static bool is_shown(const struct decision *row) {
    enum decision_effect effect = decision_effect(row->code);
    bool is_pin = strcmp(row->code, DECISION_CODE_OUTSIDE_PIN) == 0;
    return effect == DECISION_WITHHOLDS || (effect == DECISION_WARNS && !is_pin);
}

// Whether an earlier row of the same package says the same. Rows of a package are neighbours.
static bool is_repeated(const struct decisions *decisions, size_t index) {
    const struct decision *row = &decisions->items[index];
    for (size_t i = index; i > 0; i--) {
        const struct decision *before = &decisions->items[i - 1];
        if (!is_same_text(before->package, row->package)) {
            return false;
        }
        if (is_same_text(before->code, row->code) && is_same_text(before->version, row->version)) {
            return true;
        }
    }
    return false;
}

// "acme-crm==1.0"; the package alone when all of it is meant. NULL when out of memory.
static const char *subject_of(struct cli *cli, const struct decision *row) {
    return row->version ? arena_printf(cli->arena, "%s==%s", row->package, row->version)
                        : row->package;
}

// The rows that are shown, in their order. NULL when out of memory.
static const struct decision **choose_rows(struct cli *cli, const struct decisions *decisions,
                                           size_t *ret_count) {
    const struct decision **rows =
        arena_array(cli->arena, decisions->count + 1, sizeof(struct decision *));
    size_t count = 0;
    for (size_t i = 0; rows && i < decisions->count; i++) {
        if (is_shown(&decisions->items[i]) && !is_repeated(decisions, i)) {
            rows[count++] = &decisions->items[i];
        }
    }
    *ret_count = count;
    return rows;
}

static enum color color_of(const struct decision *row) {
    return decision_effect(row->code) == DECISION_WITHHOLDS ? COLOR_RED : COLOR_YELLOW;
}

// One below the other, because the reasons must not be cut.
static void print_lines(struct cli *cli, const struct decision *const *rows, size_t count) {
    enum { INDENT = 4 };
    struct output *output = &cli->output;
    for (size_t i = 0; i < count; i++) {
        const struct decision *row = rows[i];
        const char *subject = subject_of(cli, row);
        output_print(output, COLOR_NONE, "  %s  ", output_text(output, subject));
        output_print(output, color_of(row), "%s", output_text(output, row->code));
        if (row->by || row->since) {
            output_print(output, COLOR_DIM, "  %s%s%s", row->by ? output_text(output, row->by) : "",
                         row->by && row->since ? ", " : "",
                         row->since ? output_text(output, row->since) : "");
        }
        if (row->message) {
            output_print(output, COLOR_NONE, "\n%*s", INDENT, "");
            output_wrapped(output, COLOR_NONE, INDENT, output_text(output, row->message));
        }
        output_print(output, COLOR_NONE, "\n");
    }
}

static void fill_table(struct cli *cli, struct table *table, const struct decision *const *rows,
                       size_t count) {
    for (size_t i = 0; i < count; i++) {
        table_add(table, COLOR_NONE, subject_of(cli, rows[i]));
        table_add(table, color_of(rows[i]), rows[i]->code);
        table_add(table, COLOR_NONE, rows[i]->by);
        table_add(table, COLOR_NONE, rows[i]->since);
        table_add(table, COLOR_NONE, rows[i]->message);
    }
}

// Reasons are sentences: where the terminal is too narrow for columns, each decision gets lines of its own.
enum status decisions_print(struct cli *cli, const struct decisions *decisions, struct error *err) {
    static const struct table_column columns[] = {{.title = "PACKAGE", .min_width = 12},
                                                  {.title = "DECISION", .min_width = 0},
                                                  {.title = "BY", .min_width = 8},
                                                  {.title = "SINCE", .min_width = 20},
                                                  {.title = "REASON", .min_width = 20}};
    size_t count;
    const struct decision **rows = choose_rows(cli, decisions, &count);
    struct table table;
    if (!rows) {
        return fail_no_memory(err);
    }
    if (!count) {
        return STATUS_OK;
    }
    table_init(&table, cli->arena, columns, COUNT_OF(columns));
    fill_table(cli, &table, rows, count);
    output_print(&cli->output, COLOR_BOLD, "\nDecisions");
    output_print(&cli->output, COLOR_NONE, "  %s\n",
                 output_count(&cli->output, count, "decision", "decisions"));
    if (table_fits(&table, &cli->output)) {
        return table_print(&table, &cli->output, err);
    }
    print_lines(cli, rows, count);
    return STATUS_OK;
}

enum status decisions_print_withheld(struct cli *cli, const struct records *withheld,
                                     struct error *err) {
    static const struct table_column columns[] = {
        {.title = "NAME", .min_width = 10},
        {.title = "VERSION", .min_width = 8},
        {.title = "PACKAGE", .min_width = 10},
        {.title = "DECISION", .min_width = 0},
        {.title = "ORIGIN", .min_width = 12, .optional = true},
    };
    struct table table;
    if (!withheld->count) {
        return STATUS_OK;
    }
    table_init(&table, cli->arena, columns, COUNT_OF(columns));
    for (size_t i = 0; i < withheld->count; i++) {
        const struct record *record = &withheld->items[i];
        table_add(&table, COLOR_NONE, record->name);
        table_add(&table, COLOR_NONE, record->version);
        table_add(&table, COLOR_NONE, record->package);
        table_add(&table, COLOR_RED, record->findings.items[0].code);
        table_add(&table, COLOR_DIM, record->origin);
    }
    output_print(&cli->output, COLOR_BOLD, "\nWithheld");
    output_print(&cli->output, COLOR_NONE, "  %s\n",
                 output_count(&cli->output, withheld->count, "plugin", "plugins"));
    return table_print(&table, &cli->output, err);
}
