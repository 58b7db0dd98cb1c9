// SPDX-License-Identifier: MIT
// A store without holds, and without decisions about entry points, for test programs that bring a store of their own. Included once in each.
#pragma once

#include "registryd/store/entries/store_entries.h"

enum status store_holds_load(struct store *store, struct arena *arena, struct hold_rows *ret_rows,
                             struct error *err) {
    (void)store;
    (void)arena;
    (void)err;
    *ret_rows = (struct hold_rows){0};
    return STATUS_OK;
}

enum status store_entry_states_load(struct store *store, struct arena *arena,
                                    const struct entry_states_query *query,
                                    struct entry_states *ret_states, struct error *err) {
    (void)store;
    (void)arena;
    (void)query;
    (void)err;
    *ret_states = (struct entry_states){0};
    return STATUS_OK;
}
