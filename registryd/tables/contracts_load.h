// SPDX-License-Identifier: MIT
// The contracts of groups in memory, for the groups where two packages with one name are not simply both
// answered. Immutable and counted by reference; there are few. Any thread.
#pragma once

#include "registryd/candidates/contracts.h"
#include "schema/base/cleanup.h"

// Copies the contracts that are no default, in any order, the holds and what is decided about entry points, in theirs. Owned: contracts_unref; NULL
// when out of memory.
struct contracts *contracts_new(const struct group_contract *from, size_t count,
                                const struct hold_rows *holds, const struct entry_states *entries);

// As they are in the database now. *ret_contracts is owned. Fails as the store.
enum status contracts_load(struct store *store, struct contracts **ret_contracts,
                           struct error *err);
struct contracts *contracts_ref(struct contracts *contracts);
void contracts_unref(struct contracts *contracts);

CLEANUP_DEFINE(struct contracts *, cleanup_contracts, contracts_unref)
