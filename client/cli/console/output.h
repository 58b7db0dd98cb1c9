// SPDX-License-Identifier: MIT
// Where answers are printed: tables, or JSON and lines for programs; colour where it is wanted. Text from
// outside must be made printable before it is printed: printable_line() or output_text() do that.
#pragma once

#include "schema/finding.h"

#include <stdio.h>

enum color { COLOR_NONE, COLOR_BOLD, COLOR_DIM, COLOR_RED, COLOR_GREEN, COLOR_YELLOW, COLOR_CYAN };

// One for standard output (in struct cli) and, for findings, one for standard error.
struct output {
    struct arena *arena;
    FILE *stream;      // standard output
    bool json;         // the command makes a document: --format json or lines
    const char *lines; // --format lines: how a document becomes lines (lines.h); else NULL
    bool quiet;        // no warnings, hints and confirmations
    bool color;        // the stream is a terminal that shows colours
    size_t columns;    // of output_columns
    bool is_ascii;     // a terminal whose locale is not UTF-8
    bool no_memory;    // something could not be shown: output_done fails
    const char *
        subject; // what the next findings are about, for those without a place of their own; or NULL
    struct findings *shown; // the warnings that were printed, on both streams
};

// Prepares standard output: a table, in colour on a terminal. `format` ("table", "json", "lines" or NULL)
// chooses another form; `lines` is the form of the command's lines (lines.h), NULL when it has none.
// NO_COLOR (not empty) and TERM=dumb switch colour off. Fails with: USAGE.
enum status output_init(struct output *output, struct arena *arena, const char *format,
                        const char *lines, struct error *err);

// The same for standard error, to print findings on. Its no_memory must be added to that of `output`.
struct output output_errors(const struct output *output);

// Forgets the warnings that were printed, as a new round of a command that goes on does.
// To be called whenever `arena` becomes another one, or empty.
void output_forget(struct output *output);

// Prints formatted text in a colour. The caller made its parts printable.
void output_print(struct output *output, enum color color, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// The same for a confirmation, which --quiet leaves out.
void output_say(struct output *output, enum color color, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// Prints words in lines that fit the terminal; all lines after the first are indented. The caller made
// the words printable. Without a width the text stays on one line.
void output_wrapped(struct output *output, enum color color, size_t indent, const char *text);

// Prints a JSON value, indented, with a newline, or as lines; steals it. On a terminal everything beyond ASCII is
// escaped, so that nothing in it can steer the terminal. NULL fails with NO_MEMORY.
// Fails with: NO_MEMORY, IO.
enum status output_json(struct output *output, json_t *json, struct error *err);

// The same on one line, for a program that reads line by line. Everything beyond ASCII is escaped. It is flushed.
enum status output_json_line(struct output *output, json_t *json, struct error *err);

// The width of what a descriptor writes to: COLUMNS, else the terminal's. 0 = unlimited: a pipe without
// COLUMNS.
size_t output_columns(int fd);

// Prints a finding and its hint, indented, wrapped where there is a width. The code may be NULL. A warning with the same
// code, place and message is printed once.
void output_finding(struct output *output, const struct finding *finding);

// Whether output_findings would print any of them. A heading goes before those alone.
bool output_has_new(const struct output *output, const struct findings *findings);

// Prints findings, errors first.
void output_findings(struct output *output, const struct findings *findings);

// Text from outside made printable, on one line; "" for NULL. Arena.
const char *output_text(struct output *output, const char *text);

// "1 plugin", "2 plugins". Arena.
const char *output_count(struct output *output, size_t count, const char *one, const char *many);

// Flushes. Fails with: IO (standard output could not take everything), NO_MEMORY.
enum status output_done(struct output *output, struct error *err);
