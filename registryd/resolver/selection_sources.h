// SPDX-License-Identifier: MIT
// What a selection is made from: the question, the tables of its groups, the environment with who decided
// what in it, its lock, and the contracts. Plain data, borrowed for the call.
#pragma once

#include "registryd/candidates/contracts.h"
#include "registryd/candidates/group_table.h"
#include "registryd/rules/facts.h"
#include "registryd/resolver/lock.h"
#include "registryd/store/store_environments.h"

struct selection_sources {
    const struct resolve_query *query;
    struct group_table *const *tables; // of query->groups each one; of no groups: that of all ("")
    size_t table_count;
    const struct group_table *further; // required packages of other groups; NULL = none is known
    const struct environment *environment;
    const struct environment_marks *marks; // NULL = unknown
    const struct lock *lock;               // of a frozen environment; NULL = by its rules
    const struct contracts *contracts;
    int64_t now_ms; // Unix time
    struct ignored_quarantines ignored;
};
