// SPDX-License-Identifier: MIT
// What the registry decided is taken from the lock, and every quarantine of now beside it; what the environment's rules
// decide, from the present, about packages that the lock knows. A row about a whole package of which the lock keeps a
// quarantined release becomes a row for each other release: a host that finds one of those must still not load it.
#include "registryd/resolver/frozen_decisions.h"

#include <stdlib.h>
#include <string.h>

struct decision_merge {
    struct arena *arena;
    const struct frozen_decisions_query *query;
    struct decisions decisions;
    bool no_memory;
};

static bool is_code(const struct decision *decision, const char *code) {
    return strcmp(decision->code, code) == 0;
}

static bool is_same_text(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool add(struct decision_merge *merging, const struct decision *row) {
    struct decision *decision = decisions_add(merging->arena, &merging->decisions);
    merging->no_memory = merging->no_memory || !decision;
    if (decision) {
        *decision = *row;
    }
    return decision;
}

// ---- quarantines, without those that the lock ignores ----

static const struct package *find_package(const struct decision_merge *merging,
                                          const struct decision *row) {
    const struct package *package = NULL;
    for (size_t i = 0; i < merging->query->table_count && !package; i++) {
        package = group_table_find(merging->query->tables[i], row->package);
    }
    return package;
}

static bool has_name(const struct package_release *release, const struct decision *row) {
    for (uint32_t i = 0; i < release->entry_count; i++) {
        if (strcmp(release->entries[i].group, row->group) == 0 &&
            is_same_text(release->entries[i].name, row->name)) {
            return true;
        }
    }
    return false;
}

// The rows of every release with that name but the one that is kept.
static void add_for_others(struct decision_merge *merging, const struct decision *row,
                           const struct locked_release *kept) {
    const struct package *package = find_package(merging, row);
    for (uint32_t i = 0; package && i < package->release_count; i++) {
        const struct package_release *release = &package->releases[i];
        bool is_other = strcmp(release->version, kept->version) != 0;
        if (is_other && has_name(release, row)) {
            struct decision one = *row;
            one.version = release->version;
            add(merging, &one);
        }
    }
}

// Three cases, by what the lock says of the package:
//   its quarantine is not ignored              the row stays as it is
//   ignored, and the row is of all releases    one row for each release that the lock does not keep
//   ignored, and the row is of one release     the row stays unless the lock keeps that release
static void add_quarantine(struct decision_merge *merging, const struct decision *row) {
    const struct locked_release *release = lock_find(merging->query->lock, row->package);
    bool is_kept = release && release->ignored;
    if (is_kept && !row->version) {
        add_for_others(merging, row, release);
    } else if (!is_kept || strcmp(row->version, release->version) != 0) {
        add(merging, row);
    }
}

// ---- what the lock knows: the packages of each group, as they were ----

struct place {
    const char *group;
    const char *package;
    bool has_record;
};

struct places {
    struct place *items; // sorted, each once
    size_t count;
};

static int compare_places(const void *left, const void *right) {
    const struct place *a = left;
    const struct place *b = right;
    int order = strcmp(a->group, b->group);
    return order ? order : strcmp(a->package, b->package);
}

static bool is_asked(const struct decision_merge *merging, const char *group) {
    for (size_t i = 0; i < merging->query->table_count; i++) {
        const char *asked = merging->query->tables[i]->group;
        if (!*asked || strcmp(asked, group) == 0) {
            return true;
        }
    }
    return false;
}

// A package may be there by a decision and by a record. The two become one place, which has a
// record.
static void sort_places(struct places *places) {
    size_t kept = 0;
    if (places->count) {
        qsort(places->items, places->count, sizeof *places->items, compare_places);
    }
    for (size_t i = 0; i < places->count; i++) {
        if (kept && compare_places(&places->items[kept - 1], &places->items[i]) == 0) {
            places->items[kept - 1].has_record |= places->items[i].has_record;
        } else {
            places->items[kept++] = places->items[i];
        }
    }
    places->count = kept;
}

static struct places gather_places(struct decision_merge *merging) {
    const struct lock *lock = merging->query->lock;
    size_t room = lock->decisions.count + lock->records.count + 1;
    struct places places = {arena_array(merging->arena, room, sizeof *places.items), 0};
    merging->no_memory = merging->no_memory || !places.items;
    for (size_t i = 0; places.items && i < lock->decisions.count; i++) {
        const struct decision *row = &lock->decisions.items[i];
        if (is_asked(merging, row->group) && !is_code(row, DECISION_CODE_OWNER) &&
            !is_code(row, DECISION_CODE_GROUP_DEPRECATED)) {
            places.items[places.count++] = (struct place){row->group, row->package, false};
        }
    }
    for (size_t i = 0; places.items && i < lock->records.count; i++) {
        const struct record *record = &lock->records.items[i];
        if (is_asked(merging, record->group)) {
            places.items[places.count++] = (struct place){record->group, record->package, true};
        }
    }
    sort_places(&places);
    return places;
}

static bool knows(const struct places *places, const struct decision *row) {
    const struct place key = {row->group, row->package, false};
    return places->count && bsearch(&key, places->items, places->count, sizeof key, compare_places);
}

// ---- the rows ----

// Made by the rules of the environment, which cannot change while it is frozen. They are taken from the present, since
// a lock may have been promoted from an environment with other rules.
static bool is_of_rules(const struct decision *row) {
    return is_code(row, DECISION_CODE_DISABLED) || is_code(row, DECISION_CODE_NOT_ENABLED) ||
           is_code(row, DECISION_CODE_OUTSIDE_PIN) || is_code(row, DECISION_CODE_SETTINGS) ||
           is_code(row, DECISION_CODE_ENABLED) || row->of_environment;
}

static bool is_same_place(const struct decision *a, const struct decision *b) {
    return strcmp(a->group, b->group) == 0 && strcmp(a->package, b->package) == 0 &&
           is_same_text(a->name, b->name) && is_same_text(a->version, b->version) &&
           strcmp(a->code, b->code) == 0 && a->entry_only == b->entry_only;
}

static int compare_row(const struct decision *row, const char *group, const char *package) {
    int order = strcmp(row->group, group);
    return order ? order : strcmp(row->package, package);
}

static bool has_row(const struct decisions *sorted, const struct decision *row) {
    size_t at = decisions_seek(sorted, row->group, row->package);
    for (; at < sorted->count && !compare_row(&sorted->items[at], row->group, row->package); at++) {
        if (is_same_place(&sorted->items[at], row)) {
            return true;
        }
    }
    return false;
}

// Adds the registry's decisions as they were when the lock was made. Of two equal
// quarantines, the present row wins.
static void add_locked(struct decision_merge *merging) {
    const struct decisions *locked = &merging->query->lock->decisions;
    for (size_t i = 0; i < locked->count; i++) {
        const struct decision *row = &locked->items[i];
        if (!is_asked(merging, row->group) || is_of_rules(row) ||
            is_code(row, DECISION_CODE_KNOWN)) {
            continue;
        }
        if (!is_code(row, DECISION_CODE_QUARANTINED)) {
            add(merging, row);
        } else if (!has_row(merging->query->present, row)) {
            add_quarantine(merging, row);
        }
    }
}

// Of the present only two kinds of rows count: all quarantines, and the environment's own rules.
static void add_present(struct decision_merge *merging, const struct places *places) {
    const struct decisions *present = merging->query->present;
    for (size_t i = 0; i < present->count; i++) {
        const struct decision *row = &present->items[i];
        if (is_code(row, DECISION_CODE_QUARANTINED)) {
            add_quarantine(merging, row);
        } else if (is_of_rules(row) && knows(places, row)) {
            add(merging, row);
        }
    }
}

static bool is_withheld(const struct decisions *sorted, const struct place *place) {
    size_t at = decisions_seek(sorted, place->group, place->package);
    for (; at < sorted->count && !compare_row(&sorted->items[at], place->group, place->package);
         at++) {
        if (decision_effect(sorted->items[at].code) == DECISION_WITHHOLDS) {
            return true;
        }
    }
    return false;
}

// A package without a record and without a decision against it is still known to the registry. The
// search uses the list as it was sorted: rows that are added meanwhile stand behind its old end.
static void add_known(struct decision_merge *merging, const struct places *places) {
    const struct decisions sorted = merging->decisions;
    for (size_t i = 0; i < places->count; i++) {
        const struct place *place = &places->items[i];
        if (!place->has_record && !is_withheld(&sorted, place)) {
            add(merging, &(struct decision){.group = place->group,
                                            .package = place->package,
                                            .code = DECISION_CODE_KNOWN});
        }
    }
}

enum status frozen_decisions_make(struct arena *arena, const struct frozen_decisions_query *query,
                                  struct decisions *ret_decisions, struct error *err) {
    struct decision_merge merging = {.arena = arena, .query = query};
    struct places places = gather_places(&merging);
    add_locked(&merging);
    add_present(&merging, &places);
    decisions_sort(&merging.decisions);
    add_known(&merging, &places);
    if (merging.no_memory) {
        return fail_no_memory(err);
    }
    decisions_sort(&merging.decisions);
    *ret_decisions = merging.decisions;
    return STATUS_OK;
}
