// SPDX-License-Identifier: MIT
// Places, and the walk's own answer to which of them are shadowed (places.h).
#include "client/cli/input/places.h"

#include "client/cli/input/roots.h"

#include <stdlib.h>
#include <string.h>

static int compare_origins(const void *left, const void *right) {
    const struct record *const *a = left;
    const struct record *const *b = right;
    return strcmp((*a)->origin, (*b)->origin);
}

// The walk's records in the order of their origins. Arena; NULL when out of memory.
static const struct record **sort_by_origin(struct cli *cli, const struct records *records) {
    size_t count = records->count;
    const struct record **sorted = arena_array(cli->arena, count ? count : 1, sizeof *sorted);
    for (size_t i = 0; sorted && i < count; i++) {
        sorted[i] = &records->items[i];
    }
    if (sorted) {
        qsort(sorted, count, sizeof *sorted, compare_origins);
    }
    return sorted;
}

// The first record whose origin is not before the path.
static size_t first_from(const struct record **sorted, size_t count, const char *path) {
    size_t low = 0;
    for (size_t high = count; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(sorted[middle]->origin, path) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool lies_in(const char *origin, const char *path) {
    size_t len = strlen(path);
    return strncmp(origin, path, len) == 0 && (origin[len] == '/' || !origin[len]);
}

// What shadows all that the place has; NULL when something of it is loaded.
static const char *find_shadow(const struct record **sorted, size_t count, const char *path) {
    const char *shadow = NULL;
    for (size_t i = first_from(sorted, count, path);
         i < count && strncmp(sorted[i]->origin, path, strlen(path)) == 0; i++) {
        if (!lies_in(sorted[i]->origin, path)) {
            continue;
        }
        if (!sorted[i]->shadowed_by) {
            return NULL;
        }
        shadow = sorted[i]->shadowed_by;
    }
    return shadow;
}

static enum status mark_shadowed(struct cli *cli, const struct walk_query *query,
                                 struct outcomes *outcomes, struct error *err) {
    struct records records = {0};
    enum status failed = source_walk(cli->arena, query, &records, err);
    const struct record **sorted = failed ? NULL : sort_by_origin(cli, &records);
    if (!sorted) {
        return failed ? failed : fail_no_memory(err);
    }
    for (size_t i = 0; i < outcomes->count; i++) {
        struct outcome *outcome = &outcomes->items[i];
        outcome->shadowed_by = find_shadow(sorted, records.count, outcome->project.path);
    }
    return STATUS_OK;
}

enum status places_list(struct cli *cli, struct outcomes *ret_outcomes, struct error *err) {
    struct walk_query query;
    struct plugin_dirs dirs = {0};
    enum status failed = roots_parse(cli, 0, &query, err);
    failed = failed ? failed : source_walk_plugin_dirs(cli->arena, &query, &dirs, err);
    if (failed) {
        return failed;
    }
    struct outcomes outcomes = {.count = dirs.count, .only = ret_outcomes->only};
    outcomes.items = arena_array(cli->arena, dirs.count ? dirs.count : 1, sizeof *outcomes.items);
    if (!outcomes.items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < dirs.count; i++) {
        outcomes.items[i].dir = &dirs.items[i];
        outcomes.items[i].project.path = dirs.items[i].path;
    }
    if (query.root_count > 1) {
        failed = mark_shadowed(cli, &query, &outcomes, err);
    }
    if (!failed) {
        *ret_outcomes = outcomes;
    }
    return failed;
}
