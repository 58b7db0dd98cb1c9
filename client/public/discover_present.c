// SPDX-License-Identifier: MIT
// The rule of discover_present.h. A given record of another package than the walked plugin's answers for the name only
// when one of these holds, so that the host loses nothing by it:
//
//     its value is the walked plugin's     plugins.crm:manifest of acme-crm loads the directory "crm"; not so where the
//                                          plugin is of an installed distribution, whose modules are its own
//     the walk found its package too       both are installed, and the registry leads
//     the owner of the group publishes it  the plugin goes on under another package name
//
// Else nothing of it is on this host, and the walked plugin stays. A broken one keeps no name. The Python package has
// the same rule in _merge.py, and tests/support/decision_rules.py is the reference.
#include "client/public/discover_present.h"

#include <stdlib.h>
#include <string.h>

struct present {
    const char *group;
    const struct decisions *decisions;
    const struct record **holders; // that keep a name: by name, then in the order of the walk
    size_t holder_count;
    const char **packages; // of all the records, sorted
    size_t package_count;
};

static int compare_holders(const void *left, const void *right) {
    const struct record *a = *(const struct record *const *)left;
    const struct record *b = *(const struct record *const *)right;
    int order = strcmp(a->name, b->name);
    return order ? order : (a > b) - (a < b);
}

static int compare_texts(const void *left, const void *right) {
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void sort(struct present *present) {
    if (present->holder_count > 1) {
        qsort(present->holders, present->holder_count, sizeof(struct record *), compare_holders);
    }
    if (present->package_count > 1) {
        qsort(present->packages, present->package_count, sizeof(char *), compare_texts);
    }
}

enum status present_new(struct arena *arena, const char *group, const struct records *walked,
                        const struct decisions *decisions, struct present **ret_present,
                        struct error *err) {
    struct present *present = arena_alloc(arena, sizeof *present);
    const struct record **holders = arena_array(arena, walked->count + 1, sizeof *holders);
    const char **packages = arena_array(arena, walked->count + 1, sizeof *packages);
    if (!present || !holders || !packages) {
        return fail_no_memory(err);
    }
    *present = (struct present){
        .group = group, .decisions = decisions, .holders = holders, .packages = packages};
    for (size_t i = 0; i < walked->count; i++) {
        const struct record *record = &walked->items[i];
        if (!record->group || strcmp(record->group, group) != 0) {
            continue;
        }
        if (record->package) {
            packages[present->package_count++] = record->package;
        }
        if (record->name && !record->shadowed_by && !record_has_errors(record)) {
            holders[present->holder_count++] = record;
        }
    }
    sort(present);
    *ret_present = present;
    return STATUS_OK;
}

// The first of the holders that does not come before the name.
static size_t seek(const struct present *present, const char *name) {
    size_t low = 0;
    for (size_t high = present->holder_count; low < high;) {
        size_t middle = low + (high - low) / 2;
        bool is_before = strcmp(present->holders[middle]->name, name) < 0;
        *(is_before ? &low : &high) = is_before ? middle + 1 : middle;
    }
    return low;
}

// Whether the given record loads what the walk found. One without a value is broken, and differs from none.
static bool loads_same(const struct record *given, const struct record *holder) {
    return !holder->is_installed &&
           (!given->value || !holder->value || strcmp(given->value, holder->value) == 0);
}

const struct record *present_find_holder(const struct present *present,
                                         const struct record *given) {
    const struct record *first = NULL;
    if (!given->name || !given->package) {
        return NULL;
    }
    for (size_t i = seek(present, given->name); i < present->holder_count; i++) {
        const struct record *holder = present->holders[i];
        if (strcmp(holder->name, given->name) != 0) {
            break;
        }
        if (loads_same(given, holder)) {
            return NULL;
        }
        first = first ? first : holder;
    }
    bool is_found = first && bsearch(&given->package, present->packages, present->package_count,
                                     sizeof(char *), compare_texts);
    bool is_owner =
        first && decisions_have_owner(present->decisions, present->group, given->package);
    return is_found || is_owner ? NULL : first;
}
