// SPDX-License-Identifier: MIT
// Choosing and ordering the lines of entry_lines.h.
#include "client/cli/console/entry_lines.h"

#include <stdlib.h>
#include <string.h>

static int compare_texts(const char *a, const char *b) {
    return strcmp(a ? a : "", b ? b : "");
}

static int compare_rest(const struct entry_line *a, const struct entry_line *b) {
    int order = compare_texts(a->record->origin, b->record->origin);
    order = order ? order : compare_texts(a->record->name, b->record->name);
    return order ? order : (a->record > b->record) - (a->record < b->record);
}

static int compare_by_group(const void *left, const void *right) {
    const struct entry_line *a = left;
    const struct entry_line *b = right;
    int order = compare_texts(a->record->group, b->record->group);
    order = order ? order : strcmp(a->package, b->package);
    return order ? order : compare_rest(a, b);
}

static int compare_by_package(const void *left, const void *right) {
    const struct entry_line *a = left;
    const struct entry_line *b = right;
    int order = strcmp(a->package, b->package);
    order = order ? order : compare_texts(a->record->group, b->record->group);
    return order ? order : compare_rest(a, b);
}

static bool is_asked_for(const struct cli *cli, const struct entry_line *line) {
    const struct words *groups = &cli->options.groups;
    bool of_group = !groups->count;
    for (size_t i = 0; i < groups->count; i++) {
        of_group |= compare_texts(line->record->group, groups->items[i]) == 0;
    }
    return of_group && (!cli->options.package || strcmp(line->package, cli->options.package) == 0);
}

// Why the record cannot be declared. `winner` is the one of its group and name that can be.
static const char *left_out(const struct record *record, const struct record *winner) {
    bool broken = record_has_errors(record) || !record->group || !record->name || !record->value;
    bool again = winner && compare_texts(winner->group, record->group) == 0 &&
                 compare_texts(winner->name, record->name) == 0;
    return record->shadowed_by ? broken ? "shadowed, broken" : "shadowed"
           : broken            ? "broken"
           : again             ? "the same name again"
                               : NULL;
}

enum status entry_lines_collect(struct cli *cli, const struct records *records, bool by_package,
                                struct entry_lines *ret_lines, struct error *err) {
    struct entry_lines lines = {.by_package = by_package};
    size_t most = records->count ? records->count : 1;
    const struct record *winner = NULL;
    lines.items = arena_array(cli->arena, most, sizeof *lines.items);
    if (!lines.items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < records->count; i++) {
        const struct record *record = &records->items[i];
        const char *package = record->package ? record->package : record->name;
        struct entry_line line = {record, package ? package : "", left_out(record, winner)};
        winner = line.left_out ? winner : record;
        if (is_asked_for(cli, &line)) {
            lines.items[lines.count++] = line;
        }
    }
    qsort(lines.items, lines.count, sizeof *lines.items,
          by_package ? compare_by_package : compare_by_group);
    *ret_lines = lines;
    return STATUS_OK;
}

size_t entry_lines_end_of_package(const struct entry_lines *lines, size_t from, size_t *ret_good) {
    size_t end = from;
    size_t good = 0;
    while (end < lines->count &&
           strcmp(lines->items[end].package, lines->items[from].package) == 0) {
        good += !lines->items[end++].left_out;
    }
    *ret_good = good;
    return end;
}

size_t entry_lines_end_of_group(const struct entry_lines *lines, size_t from, size_t end,
                                size_t *ret_good) {
    const char *group = lines->items[from].record->group;
    size_t at = from;
    size_t good = 0;
    while (at < end && compare_texts(lines->items[at].record->group, group) == 0) {
        good += !lines->items[at++].left_out;
    }
    *ret_good = good;
    return at;
}
