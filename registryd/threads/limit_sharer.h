// SPDX-License-Identifier: MIT
// The thread that leases shares of the rate limits which all daemons of a database have in common. It asks the database
// for many keys at once, and only for those that use much; requests never wait for it. While the database is away,
// the daemon's limits are its own.
#pragma once

#include "registryd/access/limits.h"
#include "registryd/store/store.h"

struct limit_sharer;

// All are borrowed until it stops. Owned. Fails with: NO_MEMORY, INTERNAL.
enum status limit_sharer_start(struct store *store, struct limits *limits,
                               const struct log_sink *log, struct limit_sharer **ret_sharer,
                               struct error *err);

// Waits for its current turn to end. NULL is fine.
void limit_sharer_stop(struct limit_sharer *sharer);
