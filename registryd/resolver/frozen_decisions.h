// SPDX-License-Identifier: MIT
// The decisions of a frozen answer: those of the moment of the lock, and of the present only the quarantines and what
// the environment's own rules say about packages that the lock knows. What the lock ignores quarantines no more.
// Pure; used by one thread.
#pragma once

#include "registryd/candidates/group_table.h"
#include "registryd/resolver/lock.h"

struct frozen_decisions_query {
    const struct lock *lock;
    struct group_table *const *tables; // of the groups asked for
    size_t table_count;
    const struct decisions *present; // all rows that hold now, sorted
};

// Sorted. The rows are in the arena, their texts borrowed from the lock, the tables and `present`.
// Fails with: NO_MEMORY.
enum status frozen_decisions_make(struct arena *arena, const struct frozen_decisions_query *query,
                                  struct decisions *ret_decisions, struct error *err);
