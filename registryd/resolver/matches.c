// SPDX-License-Identifier: MIT
// Finding, ordering and writing out. Tables go by package, answers by name: so hits are sorted, by an
// order in which no two are equal.
#include "registryd/resolver/matches.h"
#include "registryd/rules/entry_rules.h"
#include "registryd/resolver/filled_settings.h"

#include "registryd/resolver/select.h"

#include <stdlib.h>
#include <string.h>

// A list that doubles when it is full. An arena frees nothing singly, so the smaller copies stay
// until its end.
struct collector {
    struct arena *arena;
    struct hit *items;
    size_t count;
    size_t capacity;
};

static bool add_hit(struct collector *matches, struct hit hit) {
    if (matches->count == matches->capacity) {
        size_t capacity = matches->capacity ? 2 * matches->capacity : 64;
        struct hit *grown = arena_array(matches->arena, capacity, sizeof *grown);
        if (!grown) {
            return false;
        }
        if (matches->count) {
            memcpy(grown, matches->items, matches->count * sizeof *grown);
        }
        matches->items = grown;
        matches->capacity = capacity;
    }
    matches->items[matches->count++] = hit;
    return true;
}

static int compare_place(const struct hit *hit, const char *group, const char *name,
                         const char *package) {
    int order = strcmp(hit->entry->group, group);
    if (order) {
        return order;
    }
    order = strcmp(hit->entry->name, name);
    return order ? order : strcmp(hit->package->name, package);
}

// No two hits have the same group, name and package. So the order does not depend on qsort, which
// is not stable.
static int compare_matches(const void *left, const void *right) {
    const struct hit *b = right;
    return compare_place(left, b->entry->group, b->entry->name, b->package->name);
}

// Looks first: hits that are in order already cost one pass and no call of qsort.
static void sort(struct collector *matches) {
    bool is_sorted = true;
    for (size_t i = 1; i < matches->count && is_sorted; i++) {
        is_sorted = compare_matches(&matches->items[i - 1], &matches->items[i]) < 0;
    }
    if (!is_sorted) {
        qsort(matches->items, matches->count, sizeof *matches->items, compare_matches);
    }
}

// A table of one group holds whole packages, so entries of other groups are skipped here. The table
// of the group "" is that of all groups: nothing is skipped.
static bool collect_package(struct collector *matches, struct requires *requires, const char *group,
                            const struct package *package) {
    const struct package_release *release = requires_choose(requires, package);
    const struct environment *environment = requires->facts->environment;
    const struct environment_plugin *plugin =
        release && environment->has_entry_rules
            ? environment_find_plugin(environment, package->name)
            : NULL;
    bool is_good = !requires->facts->no_memory;
    for (uint32_t i = 0; release && i < release->entry_count && is_good; i++) {
        const struct candidate_entry *entry = &release->entries[i];
        bool is_asked = !*group || strcmp(entry->group, group) == 0;
        bool is_out = is_asked && plugin && plugin->entries.count &&
                      entry_rules_withhold(environment, plugin, entry->group, entry->name);
        if (is_asked && !is_out) {
            is_good = add_hit(matches, (struct hit){entry, package, release});
        }
    }
    return is_good;
}

enum status matches_collect(struct requires *requires, struct matches *ret_matches,
                            struct error *err) {
    struct collector matches = {.arena = requires->facts->arena};
    requires->asks_all = true;
    for (size_t i = 0; i < requires->table_count; i++) {
        const struct group_table *table = requires->tables[i];
        struct group_cursor cursor = group_table_seek(table, "");
        const struct package *package = group_cursor_next(&cursor);
        for (; package; package = group_cursor_next(&cursor)) {
            if (!collect_package(&matches, requires, table->group, package)) {
                return fail_no_memory(err);
            }
        }
    }
    sort(&matches);
    *ret_matches = (struct matches){matches.items, matches.count};
    return STATUS_OK;
}

// A binary search. An equal hit counts as before the place, because a cursor names the last item
// that was shown.
size_t matches_seek(const struct matches *matches, const char *group, const char *name,
                    const char *package) {
    size_t low = 0;
    size_t high = matches->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_place(&matches->items[middle], group, name, package) <= 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool matches_have(const struct matches *matches, const char *group, const char *name) {
    // The empty text sorts before every package name: the search ends at the first hit of this
    // group and name.
    size_t at = matches_seek(matches, group, name, "");
    return at < matches->count && strcmp(matches->items[at].entry->group, group) == 0 &&
           strcmp(matches->items[at].entry->name, name) == 0;
}

static bool share_name(const struct hit *a, const struct hit *b) {
    return strcmp(a->entry->name, b->entry->name) == 0 &&
           strcmp(a->entry->group, b->entry->group) == 0;
}

// The place of a package in the contract's list; those that are not in it come after all that are.
static size_t rank_of(const struct group_contract *contract, const struct hit *hit) {
    size_t rank = 0;
    while (rank < contract->priority.count &&
           strcmp(contract->priority.items[rank], hit->package->name) != 0) {
        rank++;
    }
    return rank;
}

// The hits of one name, and which of them wins.
struct rivals {
    size_t first;
    size_t end;
    size_t winner;
};

// Hits of one name are neighbours, since the list is sorted by group and name. Without a priority
// the first package by name wins: that is CONTRACT_FIRST.
static struct rivals find_rivals(const struct matches *matches, size_t at,
                                 const struct group_contract *contract) {
    struct rivals rivals = {at, at + 1, at};
    while (rivals.first > 0 && share_name(&matches->items[rivals.first - 1], &matches->items[at])) {
        rivals.first--;
    }
    while (rivals.end < matches->count &&
           share_name(&matches->items[rivals.end], &matches->items[at])) {
        rivals.end++;
    }
    rivals.winner = rivals.first;
    for (size_t i = rivals.first + 1; contract->conflict == CONTRACT_PRIORITY && i < rivals.end;
         i++) {
        if (rank_of(contract, &matches->items[i]) <
            rank_of(contract, &matches->items[rivals.winner])) {
            rivals.winner = i;
        }
    }
    return rivals;
}

static const char *origin_of(struct arena *arena, const struct hit *hit) {
    return arena_printf(arena, "/v1/packages/%s/releases/%s", hit->package->name,
                        hit->release->version);
}

// Most names are alone in their group: one look to each side says so.
static bool is_alone(const struct matches *matches, size_t at) {
    const struct hit *hit = &matches->items[at];
    return (at == 0 || !share_name(&matches->items[at - 1], hit)) &&
           (at + 1 == matches->count || !share_name(&matches->items[at + 1], hit));
}

// Two packages, crm-a and crm-b, both have the name "export". The record of crm-b then gets, by the
// contract's word:
//   all       nothing
//   warn      a warning (also the answer for a group without a contract)
//   error     an error
//   first     a warning, and is shadowed by crm-a
//   priority  the same, unless the contract ranks crm-b above crm-a
static bool settle_conflict(const struct matches *matches, size_t at, struct arena *arena,
                            const struct contracts *contracts, struct record *record) {
    static const struct group_contract none = {.conflict = CONTRACT_WARN};
    const struct group_contract *found = contracts_find(contracts, record->group);
    const struct group_contract *contract = found ? found : &none;
    if (contract->conflict == CONTRACT_ALL) {
        return true;
    }
    struct rivals rivals = find_rivals(matches, at, contract);
    const struct hit *other = &matches->items[rivals.first == at ? at + 1 : rivals.first];
    if (contract->conflict == CONTRACT_ERROR) {
        findings_add(&record->findings, SEVERITY_ERROR, "name-conflict", NULL,
                     "Rename one of them, or disable one of the packages",
                     "The package %s also has the name \"%s\"", other->package->name, record->name);
        return true;
    }
    if (contract->conflict == CONTRACT_WARN) {
        findings_add(&record->findings, SEVERITY_WARNING, "name-conflict", NULL,
                     "Disable a package, or let the group's contract say what happens",
                     "The package %s has the name \"%s\" too", other->package->name, record->name);
        return true;
    }
    if (rivals.winner == at) {
        return true;
    }
    const struct hit *winner = &matches->items[rivals.winner];
    record->shadowed_by = origin_of(arena, winner);
    findings_add(&record->findings, SEVERITY_WARNING, "name-conflict", NULL, NULL,
                 "The package %s also has the name \"%s\", and wins by the group's contract (%s)",
                 winner->package->name, record->name, contract_conflict_name(contract->conflict));
    return record->shadowed_by;
}

static const char *allowed_state(const struct environment_plugin *plugin,
                                 const struct record *record) {
    enum environment_plugin_state state = plugin ? plugin->state : PLUGIN_UNSET;
    const struct environment_entry *entry =
        state == PLUGIN_ALLOWED
            ? environment_entries_find(&plugin->entries, record->group, record->name)
            : NULL;
    return environment_entry_state(state, entry) == PLUGIN_ALLOWED ? "allowed" : NULL;
}

bool matches_fill(const struct matches *matches, size_t at, struct requires *requires,
                  const struct contracts *contracts, struct record *record) {
    const struct hit *hit = &matches->items[at];
    struct facts *facts = requires->facts;
    const struct environment_plugin *plugin =
        environment_find_plugin(facts->environment, hit->package->name);
    record->group = hit->entry->group;
    record->name = hit->entry->name;
    record->value = hit->entry->value;
    record->package = hit->package->name;
    record->version = hit->release->version;
    record->source = "registry";
    record->origin = origin_of(facts->arena, hit);
    record->manifest = hit->entry->manifest;
    record->settings = filled_settings(facts, record->group, record->name, plugin);
    select_warnings(hit->package, hit->release, &record->findings);
    requires_warn(requires, hit->release, &record->findings);
    bool has_rules = plugin && plugin->entries.count;
    if (has_rules || (contracts && contracts->entries.count)) {
        entry_rules_warn(facts, plugin, record);
    }
    record->state = allowed_state(plugin, record);
    bool is_good =
        is_alone(matches, at) || settle_conflict(matches, at, facts->arena, contracts, record);
    return is_good && record->origin && !record->findings.no_memory && !facts->no_memory;
}
