// SPDX-License-Identifier: MIT
// A table for people. Columns are as wide as their cells (in terminal columns, see display.h) and are cut
// to the terminal's width where a column allows that.
#pragma once

#include "client/cli/console/output.h"

enum { TABLE_COLUMNS_MAX = 12 };

struct table_column {
    const char *title; // of the head
    size_t min_width;  // a narrow terminal may cut it down to this; 0: it is never cut
    bool hidden;       // it is left out
    bool optional;     // left out when the table would be wider than the terminal
};

struct table_cell {
    const char *text; // NULL: empty
    enum color color;
};

// Filling never fails: a lack of memory is kept until the table is printed, so a caller checks
// once.
struct table {
    struct arena *arena;
    const struct table_column *columns;
    size_t column_count;
    struct table_cell *cells; // row by row
    size_t cell_count;
    size_t capacity;
    bool no_memory; // asked for once, when it is printed
};

// The columns are borrowed as long as the table is used.
void table_init(struct table *table, struct arena *arena, const struct table_column *columns,
                size_t column_count);

// Adds the next cell, row by row, hidden columns included. NULL is shown as "-". The text is made
// printable here.
void table_add(struct table *table, enum color color, const char *text);

// As table_add: "2 errors".
void table_add_count(struct table *table, enum color color, size_t count, const char *word);

// Whether no cell has to be cut for the terminal's width.
bool table_fits(const struct table *table, const struct output *output);

// Fails with: NO_MEMORY.
enum status table_print(const struct table *table, struct output *output, struct error *err);
