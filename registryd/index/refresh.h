// SPDX-License-Identifier: MIT
// Bringing tables up to date: the packages that changed are loaded as they are now, once each, and put
// into copies of every table they belong to. Nobody else sees the copies until they are swapped in.
#pragma once

#include "registryd/index/index_state.h"

// A table to refresh: `fresh` starts as `old` and collects the changes.
struct refresh {
    struct group_table *old;
    struct group_table *fresh;
    bool failed; // leave it out of memory: it is loaded anew when asked for
};

struct refreshes {
    struct refresh *items;
    size_t count;
};

// References to `old` as both tables.
void refresh_init(struct refresh *refresh, struct group_table *old);
void refreshes_done(struct refreshes *refreshes);

// Applies changes; *ret_changed: a table was changed, and may show a later state than these changes.
// Only an absent database is a failure; on any other one the tables that would be wrong are given up.
// Fails with: UNAVAILABLE.
enum status refreshes_apply(struct index *index, struct refreshes *refreshes,
                            const struct changes *changes, bool *ret_changed, struct error *err);
