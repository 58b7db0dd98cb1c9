// SPDX-License-Identifier: MIT
// What an environment enables, pins or has locked by name, and gets nothing for: so that no deployment lacks a plugin in
// silence. Pure; used by one thread.
#pragma once

#include "registryd/resolver/selection.h"
#include "schema/environment/environment.h"

// The packages without a record, each without a reason yet. What the environment disables is not missing; of a
// frozen one, what is withheld is. Arena; the names are borrowed. Fails with: NO_MEMORY.
struct missing_query {
    const struct environment *environment;
    const struct records *records; // that are given
    const char *const *withheld;   // packages, in any order, maybe repeatedly
    size_t withheld_count;
};
enum status missing_find(struct arena *arena, const struct missing_query *query,
                         struct missing_list *ret_missing, struct error *err);

// Says why: by the releases of the package that were left out, newest first.
void missing_explain(struct missing *missing, const struct exclusions *excluded);
