// SPDX-License-Identifier: MIT
// A table for people: columns as wide as their cells on the terminal (wide and combining characters
// counted as a terminal does), cut to the terminal's width where a column allows it.
#pragma once

#include "client/cli/console/output.h"

enum { TABLE_COLUMNS_MAX = 12 };

struct table_column {
    const char *title;
    size_t min_width; // it may be cut down to this when the terminal is narrow; 0: it never is
    bool hidden;
    bool optional; // left out when the table would be wider than the terminal
};

struct table_cell {
    const char *text;
    enum color color;
};

struct table {
    struct arena *arena;
    const struct table_column *columns;
    size_t column_count;
    struct table_cell *cells; // row by row
    size_t cell_count;
    size_t capacity;
    bool no_memory;
};

// The columns are borrowed as long as the table is used.
void table_init(struct table *table, struct arena *arena, const struct table_column *columns,
                size_t column_count);

// The next cell, row by row, hidden columns included. NULL shows as "-". Any text: it is made
// printable.
void table_add(struct table *table, enum color color, const char *text);

// As table_add: "2 errors".
void table_add_count(struct table *table, enum color color, size_t count, const char *word);

// Whether no cell has to be cut for the terminal's width.
bool table_fits(const struct table *table, const struct output *output);

// Fails with: NO_MEMORY.
enum status table_print(const struct table *table, struct output *output, struct error *err);
