// SPDX-License-Identifier: MIT
// Where answers go: tables for a terminal, JSON for programs, colour only where it is wanted. Text
// from outside is always made printable before it gets here (printable_line), or here.
#pragma once

#include "schema/finding.h"

#include <stdio.h>

enum color { COLOR_NONE, COLOR_BOLD, COLOR_DIM, COLOR_RED, COLOR_GREEN, COLOR_YELLOW, COLOR_CYAN };

struct output {
    FILE *stream;
    bool json;
    bool color;
    size_t columns; // of the terminal; 0 = as wide as it takes
};

// Looks at standard output: a terminal gets a table in colour, anything else JSON. `format` ("table",
// "json" or NULL) overrides the former, NO_COLOR (not empty) and TERM=dumb the latter.
// Fails with: USAGE.
enum status output_init(struct output *output, const char *format, struct error *err);

// Prints formatted text in a colour. The caller made its parts printable.
void output_print(const struct output *output, enum color color, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// Prints a JSON value, indented, with a newline; steals it. On a terminal everything beyond ASCII is
// escaped, so that nothing in it can steer the terminal. NULL fails with NO_MEMORY.
// Fails with: NO_MEMORY, IO.
enum status output_json(const struct output *output, json_t *json, struct error *err);

// Prints findings, one line each and one for its hint, indented, errors first.
void output_findings(const struct output *output, const struct findings *findings);

// "1 plugin", "2 plugins". Arena; "" when out of memory.
const char *output_count(struct arena *arena, size_t count, const char *one, const char *many);

// Flushes. Fails with: IO (standard output could not take everything).
enum status output_done(const struct output *output, struct error *err);
