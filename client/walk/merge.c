// SPDX-License-Identifier: MIT
// The merge of merge.h: all records in one array of references sorted by (group, name, list), so that
// the first of each run is the winner; n log n for a hundred thousand records. What distributions_choose
// has shadowed before keeps that reason. An example, with the roots "install" and "data":
//
//     install  crm 1.0    ->  crm 1.0
//     data     crm 2.0    ->  crm 2.0, shadowed by install's
//     data     hr  1.0    ->  hr 1.0
#include "client/walk/merge.h"

#include <stdlib.h>
#include <string.h>

struct candidate {
    const struct record *record;
    size_t list;  // its list: the precedence
    size_t index; // its place there, so that equal candidates have one order
};

static int compare_text(const char *a, const char *b) {
    return a && b ? strcmp(a, b) : (a != NULL) - (b != NULL);
}

static bool same_entry_point(const struct record *a, const struct record *b) {
    return a->name && b->name && strcmp(a->name, b->name) == 0 &&
           compare_text(a->group, b->group) == 0;
}

static int compare_candidates(const void *left, const void *right) {
    const struct candidate *a = left;
    const struct candidate *b = right;
    int order = compare_text(a->record->group, b->record->group);
    if (!order) {
        order = compare_text(a->record->name, b->record->name);
    }
    if (!order) {
        order = (a->list > b->list) - (a->list < b->list);
    }
    return order ? order : (a->index > b->index) - (a->index < b->index);
}

static size_t count_all(const struct records *lists, size_t count) {
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        total += lists[i].count;
    }
    return total;
}

static struct candidate *sort_candidates(struct arena *arena, const struct records *lists,
                                         size_t count, size_t total) {
    struct candidate *candidates = arena_array(arena, total ? total : 1, sizeof *candidates);
    size_t at = 0;
    for (size_t list = 0; candidates && list < count; list++) {
        for (size_t i = 0; i < lists[list].count; i++) {
            candidates[at++] = (struct candidate){&lists[list].items[i], list, i};
        }
    }
    bool sorted = true;
    for (size_t i = 1; candidates && sorted && i < total; i++) {
        sorted = compare_candidates(&candidates[i - 1], &candidates[i]) <= 0;
    }
    if (candidates && !sorted) {
        qsort(candidates, total, sizeof *candidates, compare_candidates);
    }
    return candidates;
}

// The findings of a record are shared with the list it came from: one more goes into a copy.
static void own_findings(struct arena *arena, struct record *record) {
    struct findings shared = record->findings;
    findings_init(&record->findings, arena);
    findings_append(&record->findings, &shared);
}

static void shadow(struct arena *arena, struct record *record, const struct record *winner) {
    own_findings(arena, record);
    record->shadowed_by = winner->origin ? winner->origin : winner->source;
    findings_add(&record->findings, SEVERITY_WARNING, "shadowed", record->origin,
                 "Rename one of the two, or remove the one that is not wanted",
                 "\"%s\" is shadowed by the one in %s%s%s%s", record->name,
                 winner->label ? winner->label : winner->source, winner->origin ? " (" : "",
                 winner->origin ? winner->origin : "", winner->origin ? ")" : "");
}

static bool is_unique(const struct merge_lists *lists, const char *group) {
    for (size_t i = 0; i < lists->unique_group_count; i++) {
        if (group && strcmp(lists->unique_groups[i], group) == 0) {
            return true;
        }
    }
    return false;
}

// Python loads entry points of one name from several installed distributions, also over several
// directories; everything else belongs to the first root that has it.
static bool hides(const struct merge_lists *lists, const struct candidate *winner,
                  const struct candidate *loser) {
    bool installed = winner->record->is_installed && loser->record->is_installed;
    return is_unique(lists, loser->record->group) || (winner->list != loser->list && !installed);
}

enum status merge_records(struct arena *arena, const struct merge_lists *lists,
                          struct records *ret_records, struct error *err) {
    size_t total = count_all(lists->items, lists->count);
    const struct candidate *candidates = sort_candidates(arena, lists->items, lists->count, total);
    if (!candidates) {
        return fail_no_memory(err);
    }
    struct records merged = {.items = arena_array(arena, total ? total : 1, sizeof *merged.items),
                             .capacity = total ? total : 1};
    const struct candidate *winner = NULL;
    if (!merged.items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < total; i++) {
        const struct candidate *candidate = &candidates[i];
        struct record *record = records_add(arena, &merged);
        if (!record) {
            return fail_no_memory(err);
        }
        *record = *candidate->record;
        if (!winner || !same_entry_point(winner->record, record)) {
            winner = candidate;
        } else if (!record->shadowed_by && hides(lists, winner, candidate)) {
            shadow(arena, record, winner->record);
        }
        if (record->findings.no_memory) {
            return fail_no_memory(err);
        }
    }
    records_sort(&merged);
    *ret_records = merged;
    return STATUS_OK;
}
