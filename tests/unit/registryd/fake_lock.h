// SPDX-License-Identifier: MIT
// A store without locks, for tests that fake the store and freeze nothing.
#pragma once

#include "registryd/store/store_environments.h"

enum status store_environment_lock_load(struct store *from, struct arena *arena, int64_t id,
                                        struct environment_lock_row *ret_lock, struct error *err) {
    (void)from;
    (void)arena;
    (void)id;
    (void)ret_lock;
    return (fail)(err, STATUS_NOT_FOUND, NULL, "none");
}
