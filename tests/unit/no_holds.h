// SPDX-License-Identifier: MIT
// A store without holds, for test programs that bring a store of their own. Included once in each.
#pragma once

#include "registryd/store/store_candidates.h"

enum status store_holds_load(struct store *store, struct arena *arena, struct hold_rows *ret_rows,
                             struct error *err) {
    (void)store;
    (void)arena;
    (void)err;
    *ret_rows = (struct hold_rows){0};
    return STATUS_OK;
}
