// SPDX-License-Identifier: MIT
// Walked plugins against the contracts of their groups: what a registry would say of them if they were published.
// A walk alone asks nobody; this is for who wants to know.
#pragma once

#include "client/walk/source_walk.h"
#include "schema/release/group_contract.h"

struct asked_contracts {
    struct group_contract *items;
    size_t count;
};

// Holds each record of the walk against the contract of its group. Breaches become findings of the record with
// this severity; those about a manifest have file, line and pointer. `query` is the walk's: the directory of
// a record with a breach is read again. Fails with: as source_walk.
enum status hold_contracts(struct arena *arena, const struct asked_contracts *contracts,
                           const struct walk_query *query, enum severity severity,
                           struct records *records, struct error *err);
