// SPDX-License-Identifier: MIT
// Looking one contract up. The list is sorted by group, and the groups of one answer are asked for again
// and again, so this is a binary search and allocates nothing.
#include "registryd/candidates/contracts.h"

#include <stdlib.h>
#include <string.h>

// A group as a part of a longer text, so that the groups that it belongs to need no copies.
static int compare_groups(const void *key, const void *item) {
    const struct text *group = key;
    const char *other = ((const struct group_contract *)item)->group;
    int order = strncmp(group->ptr, other, group->len);
    return order ? order : -(other[group->len] != '\0');
}

static const struct group_contract *find(const struct contracts *contracts, struct text group) {
    return contracts->count ? bsearch(&group, contracts->items, contracts->count,
                                      sizeof *contracts->items, compare_groups)
                            : NULL;
}

const struct group_contract *contracts_find(const struct contracts *contracts, const char *group) {
    const struct group_contract *contract = find(contracts, text_from(group));
    // A group without a contract warns too. So the caller needs no contract for that.
    return contract && contract->conflict != CONTRACT_WARN ? contract : NULL;
}

const char *contracts_settings_defaults(const struct contracts *contracts, const char *group) {
    const struct group_contract *contract = find(contracts, text_from(group));
    return contract ? contract->settings_defaults : NULL;
}

// The owner of "crm.plugins" also owns "crm.plugins.export", unless the longer name has an owner.
const char *contracts_owner(const struct contracts *contracts, const char *group) {
    struct text part = text_from(group);
    while (part.len) {
        const struct group_contract *contract = find(contracts, part);
        if (contract && contract->owner) {
            return contract->owner;
        }
        do {
            part.len--;
        } while (part.len && part.ptr[part.len] != '.');
    }
    return NULL;
}

static int compare_holds(const void *left, const void *right) {
    const struct hold *a = left;
    const struct hold *b = right;
    return a->is_group != b->is_group ? (int)a->is_group - (int)b->is_group
                                      : strcmp(a->name, b->name);
}

const struct hold *contracts_find_hold(const struct contracts *contracts, bool is_group,
                                       const char *name) {
    const struct hold key = {.is_group = is_group, .name = name};
    return contracts->holds.count ? bsearch(&key, contracts->holds.items, contracts->holds.count,
                                            sizeof key, compare_holds)
                                  : NULL;
}

static int compare_place(const struct entry_state *state, const char *group, const char *package) {
    int order = strcmp(state->group, group);
    return order ? order : strcmp(state->package, package);
}

const struct entry_state *contracts_entry_states(const struct contracts *contracts,
                                                 const char *group, const char *package,
                                                 size_t *ret_count) {
    const struct entry_states *entries = &contracts->entries;
    size_t low = 0;
    for (size_t high = entries->count; low < high;) {
        size_t middle = low + (high - low) / 2;
        bool is_before = compare_place(&entries->items[middle], group, package) < 0;
        *(is_before ? &low : &high) = is_before ? middle + 1 : middle;
    }
    size_t end = low;
    while (end < entries->count && compare_place(&entries->items[end], group, package) == 0) {
        end++;
    }
    *ret_count = end - low;
    return entries->items ? entries->items + low : NULL;
}

const struct entry_state *contracts_find_deprecation(const struct contracts *contracts,
                                                     const char *group, const char *package,
                                                     const char *name) {
    size_t count = 0;
    const struct entry_state *states = contracts_entry_states(contracts, group, package, &count);
    for (size_t i = 0; i < count; i++) {
        if (!states[i].is_alias && strcmp(states[i].name, name) == 0) {
            return &states[i];
        }
    }
    return NULL;
}
