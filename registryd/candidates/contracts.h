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
};

// Borrowed; NULL: the group has no contract, or one that says nothing of conflicts.
const struct group_contract *contracts_find(const struct contracts *contracts, const char *group);

// What the group's schema gives to settings that are left out: canonical JSON of an object. Borrowed; NULL = nothing.
const char *contracts_settings_defaults(const struct contracts *contracts, const char *group);

// The hold of a package or a group. Borrowed; NULL = none.
const struct hold *contracts_find_hold(const struct contracts *contracts, bool is_group,
                                       const char *name);

// The team that owns a group: by its own contract, else by that of the nearest group it belongs to
// ("acme.plugins" belongs to "acme"). Borrowed; NULL = none.
const char *contracts_owner(const struct contracts *contracts, const char *group);
