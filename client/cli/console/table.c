// SPDX-License-Identifier: MIT
// Layout and printing of tables (table.h). All cells are collected first, because a column is as wide as
// its widest cell. When the table is wider than the terminal, optional columns are left out from the
// left; then the widest column that may be cut loses one column at a time until the table fits.
#include "client/cli/console/table.h"

#include "client/cli/console/display.h"
#include "client/fs/printable.h"
#include "schema/base/list.h"

#include <stdint.h>
#include <string.h>

enum { GAP = 2, INDENT = 2, NARROWEST = 6 };

// Too many columns are a fault of the program. It is reported as a lack of memory when the table is
// printed, since this function cannot fail.
void table_init(struct table *table, struct arena *arena, const struct table_column *columns,
                size_t column_count) {
    *table = (struct table){.arena = arena, .columns = columns, .column_count = column_count};
    table->no_memory = column_count > TABLE_COLUMNS_MAX;
}

static bool reserve(struct table *table) {
    struct table_cell *grown =
        list_grow(table->arena, table->cells, table->cell_count, &table->capacity, sizeof *grown);
    if (!grown) {
        return false;
    }
    table->cells = grown;
    return true;
}

// Cells come from the network. Made printable, a name cannot move the cursor or start a new line.
void table_add(struct table *table, enum color color, const char *text) {
    const char *clean = text && *text ? printable_line(table->arena, text) : "-";
    if (!clean || !reserve(table)) {
        table->no_memory = true;
        return;
    }
    table->cells[table->cell_count++] = (struct table_cell){clean, color};
}

void table_add_count(struct table *table, enum color color, size_t count, const char *word) {
    const char *text = arena_printf(table->arena, "%zu %s", count, word);
    table->no_memory |= !text;
    table_add(table, color, text);
}

struct layout {
    size_t widths[TABLE_COLUMNS_MAX]; // in columns of the terminal
    bool hidden[TABLE_COLUMNS_MAX];
};

// Cells stand row by row in one array, so a column is every column_count-th cell.
static void measure(const struct table *table, struct layout *layout) {
    for (size_t column = 0; column < table->column_count; column++) {
        size_t *widest = &layout->widths[column];
        *widest = display_width(table->columns[column].title);
        for (size_t i = column; i < table->cell_count; i += table->column_count) {
            size_t width = display_width(table->cells[i].text);
            *widest = width > *widest ? width : *widest;
        }
        layout->hidden[column] = table->columns[column].hidden;
    }
}

// The indent, the columns that are shown, and a gap between two of them; none after the last.
static size_t total_width(const struct table *table, const struct layout *layout) {
    size_t total = INDENT;
    size_t gap = 0;
    for (size_t i = 0; i < table->column_count; i++) {
        if (!layout->hidden[i]) {
            total += gap + layout->widths[i];
            gap = GAP;
        }
    }
    return total;
}

// The widest column that can still be cut; column_count when there is none.
static size_t widest_to_cut(const struct table *table, const struct layout *layout, size_t most) {
    size_t found = table->column_count;
    for (size_t i = 0; i < table->column_count; i++) {
        size_t min_width = table->columns[i].min_width;
        min_width = min_width > most ? most : min_width;
        bool may = !layout->hidden[i] && min_width && layout->widths[i] > min_width;
        if (may && (found == table->column_count || layout->widths[i] > layout->widths[found])) {
            found = i;
        }
    }
    return found;
}

// Until the table fits, or every column that may be cut has its smallest width, `most` at most.
static void cut(const struct table *table, size_t columns, size_t most, struct layout *layout) {
    for (size_t total = total_width(table, layout); columns && total > columns; total--) {
        size_t column = widest_to_cut(table, layout, most);
        if (column == table->column_count) {
            return;
        }
        layout->widths[column]--;
    }
}

// Optional columns go first; then the widest column that may be cut gives up one column at a time. A table
// that still does not fit is printed too wide, rather than with cells that say nothing.
static void fit(const struct table *table, size_t columns, struct layout *layout) {
    measure(table, layout);
    for (size_t i = 0; i < table->column_count; i++) {
        bool too_wide = columns && total_width(table, layout) > columns;
        layout->hidden[i] |= too_wide && table->columns[i].optional;
    }
    cut(table, columns, SIZE_MAX, layout);
    cut(table, columns, NARROWEST,
        layout); // a state word that is broken says less than a name that is cut
}

// The padding after the last cell is left out, so that no line ends in spaces.
static void print_row(const struct table *table, struct output *output,
                      const struct table_cell *cells, const struct layout *layout) {
    size_t pad = INDENT;
    for (size_t i = 0; i < table->column_count; i++) {
        if (layout->hidden[i]) {
            continue;
        }
        const char *text = display_cut(table->arena, cells[i].text, layout->widths[i]);
        text = text && output->is_ascii ? display_ascii(table->arena, text) : text;
        if (!text) {
            output->no_memory = true;
            text = "";
        }
        fprintf(output->stream, "%*s", (int)pad, "");
        output_print(output, cells[i].color, "%s", text);
        pad = layout->widths[i] - display_width(text) + GAP;
    }
    fputc('\n', output->stream);
}

// Before the layout, because an escape is wider than its letter.
static bool make_ascii(const struct table *table) {
    for (size_t i = 0; i < table->cell_count; i++) {
        table->cells[i].text = display_ascii(table->arena, table->cells[i].text);
        if (!table->cells[i].text) {
            return false;
        }
    }
    return true;
}

bool table_fits(const struct table *table, const struct output *output) {
    struct layout layout = {0};
    if (!table->no_memory) {
        measure(table, &layout);
    }
    return !output->columns || total_width(table, &layout) <= output->columns;
}

enum status table_print(const struct table *table, struct output *output, struct error *err) {
    if (table->no_memory) {
        return fail_no_memory(err);
    }
    struct layout layout = {0};
    struct table_cell titles[TABLE_COLUMNS_MAX] = {0};
    if (output->is_ascii && !make_ascii(table)) {
        return fail_no_memory(err);
    }
    fit(table, output->columns, &layout);
    for (size_t i = 0; i < table->column_count; i++) {
        titles[i] = (struct table_cell){table->columns[i].title, COLOR_DIM};
    }
    print_row(table, output, titles, &layout);
    for (size_t i = 0; i + table->column_count <= table->cell_count; i += table->column_count) {
        print_row(table, output, &table->cells[i], &layout);
    }
    return STATUS_OK;
}
