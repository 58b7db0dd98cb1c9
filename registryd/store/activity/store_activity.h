// SPDX-License-Identifier: MIT
// Changes by what they are about and who made them, in both directions: programs read upwards from a serial, pages and
// feeds backwards from the newest. Everything store.h says of its calls holds here.
#pragma once

#include "registryd/store/store.h"

// Which changes match: all that is given must hold. Nothing given: all changes.
struct changes_filter {
    const char *package;     // normalised; need not exist
    const char *group;       // need not exist
    const char *environment; // its name
    const char *actor;       // exactly
    const char *kind;        // "publish", ...
};
bool changes_filter_is_empty(const struct changes_filter *filter);

struct activity_query {
    struct changes_filter filter;
    int64_t place; // serial; the changes after it, or before it
    int limit;     // rows
};

// Matching changes with a higher serial, in order; the serials have gaps. Arena.
enum status store_changes_after(struct store *store, struct arena *arena,
                                const struct activity_query *query, struct changes *ret_changes,
                                struct error *err);

// Matching changes with a lower serial, the newest first. Arena.
enum status store_changes_before(struct store *store, struct arena *arena,
                                 const struct activity_query *query, struct changes *ret_changes,
                                 struct error *err);
