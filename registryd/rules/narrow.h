// SPDX-License-Identifier: MIT
// A question about certain names or packages. Everything is selected as without them, so conflicts, requirements and
// locks have their say; what the answer shows is narrowed afterwards. Pure; used by one thread.
#pragma once

#include "registryd/candidates/contracts.h"
#include "registryd/candidates/group_table.h"
#include "registryd/candidates/query.h"
#include "schema/decision.h"
#include "schema/record.h"

// All borrowed.
struct narrowing {
    struct arena *arena;
    const struct resolve_query *query;
    struct group_table *const *tables; // of the groups asked for
    size_t table_count;
    const struct contracts *contracts; // NULL = none are known
    const struct records *locked;      // of a frozen environment; NULL = it is not frozen
    const struct decisions *decided;   // of its lock
};

// A name or a package that was asked for, and that no release in the groups has.
struct unknown {
    const char *text;    // as it was asked for
    const char *nearest; // of what is known; NULL = nothing is near
    bool is_package;
};

struct unknown_list {
    struct unknown *items; // names, then packages; by text
    size_t count;
};

// False: everything is shown.
static inline bool narrowing_is_asked(const struct narrowing *narrowing) {
    return narrowing->query->name_count || narrowing->query->package_count;
}

// A record, or a decision about one name. An old name that leads to the name counts as the name.
bool narrowing_has_entry(const struct narrowing *narrowing, const char *group, const char *name,
                         const char *package);

// A package: it was asked for, and any of its releases has a name that was asked for.
bool narrowing_has_package(const struct narrowing *narrowing, const struct package *package);

// Takes out the decisions about anything else. The order stays.
void narrowing_cut_decisions(const struct narrowing *narrowing, struct decisions *decisions);

// The names and packages that were asked for and that no release in these groups has. Fails with: NO_MEMORY.
enum status narrowing_find_unknown(const struct narrowing *narrowing,
                                   struct unknown_list *ret_unknown, struct error *err);
