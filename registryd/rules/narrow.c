// SPDX-License-Identifier: MIT
// A name is known when any release of a package in the groups ever had it, when an alias has it, or when the lock of
// a frozen environment has it: then the answer is empty for a reason, which decisions and exclusions say. Only what is
// left can be a misspelling. For those a look at every name finds the nearest one; a bound keeps the cost of many
// misspelt names below that of the selection itself.
#include "registryd/rules/narrow.h"

#include "schema/guess.h"

#include <stdlib.h>
#include <string.h>

enum { OFFERS_MAX = 1000000 }; // names that are compared with unknown ones in one answer

// ---- what was asked for ----

static int compare_texts(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// The lists of a query are sorted. No list asks for everything.
static bool is_listed(const char *const *items, size_t count, const char *text) {
    return !count || bsearch(&text, items, count, sizeof *items, compare_texts);
}

static bool asks_name(const struct narrowing *narrowing, const char *name) {
    const struct resolve_query *query = narrowing->query;
    return is_listed(query->names, query->name_count, name);
}

static bool asks_package(const struct narrowing *narrowing, const char *package) {
    const struct resolve_query *query = narrowing->query;
    return is_listed(query->packages, query->package_count, package);
}

static bool asks_group(const struct narrowing *narrowing, const char *group) {
    for (size_t i = 0; i < narrowing->table_count; i++) {
        const char *asked = narrowing->tables[i]->group;
        if (!*asked || strcmp(asked, group) == 0) {
            return true;
        }
    }
    return false;
}

// ---- old names ----

// What the owner of the package decided now.
static bool has_alias_now(const struct narrowing *narrowing, const char *group, const char *name,
                          const char *package) {
    const struct contracts *contracts = narrowing->contracts;
    size_t count = 0;
    const struct entry_state *states =
        contracts ? contracts_entry_states(contracts, group, package, &count) : NULL;
    bool is_found = false;
    for (size_t i = 0; i < count && !is_found; i++) {
        is_found = states[i].is_alias && strcmp(states[i].successor, name) == 0 &&
                   asks_name(narrowing, states[i].name);
    }
    return is_found;
}

static bool is_alias(const struct decision *decision) {
    return strcmp(decision->code, DECISION_CODE_ALIAS) == 0 && decision->name &&
           decision->successor;
}

// What was decided when the environment was frozen.
static bool has_alias_locked(const struct narrowing *narrowing, const char *group, const char *name,
                             const char *package) {
    const struct decisions *decisions = narrowing->decided;
    bool is_found = false;
    for (size_t i = 0; i < decisions->count && !is_found; i++) {
        const struct decision *decision = &decisions->items[i];
        is_found = is_alias(decision) && strcmp(decision->successor, name) == 0 &&
                   asks_name(narrowing, decision->name) && strcmp(decision->group, group) == 0 &&
                   strcmp(decision->package, package) == 0;
    }
    return is_found;
}

bool narrowing_has_entry(const struct narrowing *narrowing, const char *group, const char *name,
                         const char *package) {
    if (!narrowing_is_asked(narrowing)) {
        return true;
    }
    if (!asks_package(narrowing, package)) {
        return false;
    }
    return asks_name(narrowing, name) ||
           (narrowing->locked ? has_alias_locked(narrowing, group, name, package)
                              : has_alias_now(narrowing, group, name, package));
}

// ---- packages and decisions ----

static bool release_has(const struct narrowing *narrowing, const struct package *package,
                        uint32_t release) {
    const struct package_release *one = &package->releases[release];
    // Equal lists of neighbouring releases are one list.
    bool is_repeated = release && one->entries == package->releases[release - 1].entries;
    for (uint32_t i = 0; !is_repeated && i < one->entry_count; i++) {
        const struct candidate_entry *entry = &one->entries[i];
        if (asks_group(narrowing, entry->group) &&
            narrowing_has_entry(narrowing, entry->group, entry->name, package->name)) {
            return true;
        }
    }
    return false;
}

bool narrowing_has_package(const struct narrowing *narrowing, const struct package *package) {
    bool is_shown = !narrowing_is_asked(narrowing) ||
                    (asks_package(narrowing, package->name) && !narrowing->query->name_count);
    for (uint32_t i = 0; i < package->release_count && !is_shown; i++) {
        is_shown = release_has(narrowing, package, i);
    }
    return is_shown;
}

static const struct package *find_package(const struct narrowing *narrowing, const char *name) {
    const struct package *found = NULL;
    for (size_t i = 0; i < narrowing->table_count && !found; i++) {
        found = group_table_find(narrowing->tables[i], name);
    }
    return found;
}

// A row about no single name is about its package, or about the whole group.
static bool has_decision(const struct narrowing *narrowing, const struct decision *decision) {
    if (decision->name) {
        return narrowing_has_entry(narrowing, decision->group, decision->name, decision->package);
    }
    if (strcmp(decision->package, DECISION_ALL_PACKAGES) == 0) {
        return true;
    }
    const struct package *package = find_package(narrowing, decision->package);
    return package ? narrowing_has_package(narrowing, package)
                   : asks_package(narrowing, decision->package) && !narrowing->query->name_count;
}

void narrowing_cut_decisions(const struct narrowing *narrowing, struct decisions *decisions) {
    size_t kept = 0;
    for (size_t i = 0; narrowing_is_asked(narrowing) && i < decisions->count; i++) {
        if (has_decision(narrowing, &decisions->items[i])) {
            decisions->items[kept++] = decisions->items[i];
        }
    }
    decisions->count = narrowing_is_asked(narrowing) ? kept : decisions->count;
}

// ---- what is unknown ----

// Asked texts that were not met yet, and the nearest of what was met.
struct unmet {
    const struct narrowing *narrowing;
    const char *const *asked; // sorted
    size_t count;
    bool *met;
    struct guess *guesses; // NULL: the first pass, which only ticks off
    size_t offers;
};

static void meet(struct unmet *search, const char *text) {
    if (!search->guesses) {
        const char *const *at =
            bsearch(&text, search->asked, search->count, sizeof *search->asked, compare_texts);
        if (at) {
            search->met[at - search->asked] = true;
        }
        return;
    }
    for (size_t i = 0; i < search->count && search->offers < OFFERS_MAX; i++) {
        if (!search->met[i]) {
            guess_offer(&search->guesses[i], text);
            search->offers++;
        }
    }
}

static void meet_names(struct unmet *search, const struct package *package) {
    for (uint32_t i = 0; i < package->release_count; i++) {
        const struct package_release *release = &package->releases[i];
        bool is_repeated = i && release->entries == package->releases[i - 1].entries;
        for (uint32_t j = 0; !is_repeated && j < release->entry_count; j++) {
            if (asks_group(search->narrowing, release->entries[j].group)) {
                meet(search, release->entries[j].name);
            }
        }
    }
}

// Of every package that was asked for: its name, or the names in it.
static void meet_packages(struct unmet *search, bool wants_names) {
    for (size_t i = 0; i < search->narrowing->table_count; i++) {
        struct group_cursor cursor = group_table_seek(search->narrowing->tables[i], "");
        const struct package *package = group_cursor_next(&cursor);
        for (; package; package = group_cursor_next(&cursor)) {
            if (!wants_names) {
                meet(search, package->name);
            } else if (asks_package(search->narrowing, package->name)) {
                meet_names(search, package);
            }
        }
    }
}

static void meet_aliases(struct unmet *search) {
    const struct contracts *contracts = search->narrowing->contracts;
    for (size_t i = 0; contracts && i < contracts->entries.count; i++) {
        const struct entry_state *state = &contracts->entries.items[i];
        if (state->is_alias && asks_group(search->narrowing, state->group) &&
            asks_package(search->narrowing, state->package)) {
            meet(search, state->name);
        }
    }
}

static void meet_locked(struct unmet *search, bool wants_names) {
    const struct records *records = search->narrowing->locked;
    const struct decisions *decided = search->narrowing->decided;
    for (size_t i = 0; records && i < records->count; i++) {
        const struct record *record = &records->items[i];
        if (asks_group(search->narrowing, record->group)) {
            meet(search, wants_names ? record->name : record->package);
        }
    }
    for (size_t i = 0; decided && wants_names && i < decided->count; i++) {
        const struct decision *decision = &decided->items[i];
        if (decision->name && asks_group(search->narrowing, decision->group)) {
            meet(search, decision->name);
        }
    }
}

static void meet_all(struct unmet *search, bool wants_names) {
    meet_packages(search, wants_names);
    meet_locked(search, wants_names);
    if (wants_names) {
        meet_aliases(search);
    }
}

static size_t count_unmet(const struct unmet *search) {
    size_t count = 0;
    for (size_t i = 0; i < search->count; i++) {
        count += !search->met[i];
    }
    return count;
}

// Ticks off what is known; a second pass guesses, and happens only when something is left.
static bool find_unmet(struct unmet *search, bool wants_names) {
    struct arena *arena = search->narrowing->arena;
    if (!search->count) {
        return true;
    }
    search->met = arena_array(arena, search->count, sizeof *search->met);
    if (!search->met) {
        return false;
    }
    memset(search->met, 0, search->count * sizeof *search->met);
    meet_all(search, wants_names);
    if (!count_unmet(search)) {
        return true;
    }
    search->guesses = arena_array(arena, search->count, sizeof *search->guesses);
    for (size_t i = 0; search->guesses && i < search->count; i++) {
        search->guesses[i] = guess_begin(search->asked[i], GUESS_TOO_FAR);
    }
    if (search->guesses) {
        meet_all(search, wants_names);
    }
    return search->guesses;
}

static void add_unmet(const struct unmet *search, bool is_package, struct unknown_list *list) {
    for (size_t i = 0; i < search->count; i++) {
        if (!search->met[i]) {
            list->items[list->count++] = (struct unknown){
                .text = search->asked[i],
                .nearest = search->guesses[i].nearest,
                .is_package = is_package,
            };
        }
    }
}

enum status narrowing_find_unknown(const struct narrowing *narrowing,
                                   struct unknown_list *ret_unknown, struct error *err) {
    const struct resolve_query *query = narrowing->query;
    struct unknown_list list = {0};
    struct unmet packages = {narrowing, query->packages, query->package_count, NULL, NULL, 0};
    struct unmet names = {narrowing, query->names, query->name_count, NULL, NULL, 0};
    list.items =
        arena_array(narrowing->arena, names.count + packages.count + 1, sizeof *list.items);
    if (!list.items || !find_unmet(&packages, false)) {
        return fail_no_memory(err);
    }
    // Where no package that was asked for is known, nothing can be said of names.
    bool has_packages = !packages.count || count_unmet(&packages) < packages.count;
    if (has_packages && !find_unmet(&names, true)) {
        return fail_no_memory(err);
    }
    if (has_packages) {
        add_unmet(&names, false, &list);
    }
    add_unmet(&packages, true, &list);
    *ret_unknown = list;
    return STATUS_OK;
}
