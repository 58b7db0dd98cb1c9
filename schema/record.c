// SPDX-License-Identifier: MIT
// Lists of records and their one order. The JSON codec is record_json.c.
#include "schema/record.h"

#include <string.h>

struct record *records_add(struct arena *arena, struct records *records) {
    if (records->count == records->capacity) {
        size_t capacity = records->capacity ? 2 * records->capacity : 8;
        struct record *grown = arena_array(arena, capacity, sizeof *grown);
        if (!grown) {
            return NULL;
        }
        if (records->count) {
            memcpy(grown, records->items, records->count * sizeof *grown);
        }
        records->items = grown;
        records->capacity = capacity;
    }
    struct record *record = &records->items[records->count++];
    *record = (struct record){0};
    findings_init(&record->findings, arena);
    return record;
}

// NULL before everything else.
static int compare_text(const char *a, const char *b) {
    if (!a || !b) {
        return (a != NULL) - (b != NULL);
    }
    return strcmp(a, b);
}

static int compare_records(const void *left, const void *right) {
    const struct record *a = left;
    const struct record *b = right;
    int order = compare_text(a->group, b->group);
    order = order ? order : compare_text(a->name, b->name);
    order = order ? order : compare_text(a->package, b->package);
    return order ? order : compare_text(a->origin, b->origin);
}

// Sorting moves every record about; a walk of one root is in order already.
static bool is_sorted(const struct records *records) {
    for (size_t i = 1; i < records->count; i++) {
        if (compare_records(&records->items[i - 1], &records->items[i]) > 0) {
            return false;
        }
    }
    return true;
}

void records_sort(struct records *records) {
    if (!is_sorted(records)) {
        qsort(records->items, records->count, sizeof *records->items, compare_records);
    }
}

bool record_has_errors(const struct record *record) {
    return findings_count(&record->findings, SEVERITY_ERROR) > 0;
}
