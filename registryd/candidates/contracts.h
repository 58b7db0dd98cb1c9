// SPDX-License-Identifier: MIT
// What the contracts of groups say about two packages with one entry-point name, who owns the groups, and which
// packages and groups get no new releases.
// Plain data that does not change; registryd/tables makes and shares it. Any thread.
#pragma once

#include "registryd/store/store_candidates.h"

struct contracts {
    const struct group_contract *
        items; // by group; of each only the owner, defaults of settings, and what concerns conflicts
    size_t count;
    struct hold_rows holds;
    struct entry_states entries; // by group, package and name
    bool has_deprecated;         // a group of them is deprecated
};

// Borrowed; NULL: the group has no contract, or one that says nothing of conflicts.
const struct group_contract *contracts_find(const struct contracts *contracts, const char *group);

// What the group's schema gives to settings that are left out: canonical JSON of an object. Borrowed; NULL = nothing.
const char *contracts_settings_defaults(const struct contracts *contracts, const char *group);

// What owners decided about entry points of a package in a group: *ret_count neighbours. Borrowed.
const struct entry_state *contracts_entry_states(const struct contracts *contracts,
                                                 const char *group, const char *package,
                                                 size_t *ret_count);

// The deprecation of one entry point. Borrowed; NULL = none.
const struct entry_state *contracts_find_deprecation(const struct contracts *contracts,
                                                     const char *group, const char *package,
                                                     const char *name);

// The hold of a package or a group. Borrowed; NULL = none.
const struct hold *contracts_find_hold(const struct contracts *contracts, bool is_group,
                                       const char *name);

// The team that owns a group: by its own contract, else by that of the nearest group it belongs to
// ("acme.plugins" belongs to "acme"). Borrowed; NULL = none.
const char *contracts_owner(const struct contracts *contracts, const char *group);
