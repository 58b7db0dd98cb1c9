// SPDX-License-Identifier: MIT
// What the contracts of groups say about two packages with one entry-point name: for the groups where
// that is not simply both. Immutable and counted by reference; there are few. Any thread.
#pragma once

#include "registryd/store/store_candidates.h"
#include "schema/base/cleanup.h"

#include <stdatomic.h>

struct contracts {
    atomic_int references;
    struct arena *arena;
    const struct group_contract *items; // by group; of each only what concerns conflicts
    size_t count;
};

// Copies the contracts that are no default, in any order. Owned: contracts_unref; NULL when out of
// memory.
struct contracts *contracts_new(const struct group_contract *from, size_t count);

// As they are in the database now. *ret_contracts is owned. Fails as the store.
enum status contracts_load(struct store *store, struct contracts **ret_contracts,
                           struct error *err);
struct contracts *contracts_ref(struct contracts *contracts);
void contracts_unref(struct contracts *contracts);

// Borrowed; NULL: both are answered.
const struct group_contract *contracts_find(const struct contracts *contracts, const char *group);

CLEANUP_DEFINE(struct contracts *, cleanup_contracts, contracts_unref)
