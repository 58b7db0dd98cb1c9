// SPDX-License-Identifier: MIT
// The pool: a bounded number of connections, made when needed and lent to one thread at a time. A call
// has one deadline for waiting in line, connecting and everything it runs. Any thread.
#pragma once

#include "registryd/store/libpq/db.h"

struct db_pool;

// Does not connect. `size` connections at the most. Owned. Fails with: USAGE, NO_MEMORY.
enum status db_pool_new(const struct db_settings *settings, int size, struct db_pool **ret_pool,
                        struct error *err);
void db_pool_free(struct db_pool *pool);

// A connection lent for one call: `scoped(db_pool_end) struct db_loan loan = {0};`
// `generation` is that of the pool when the connection was made. A connection that met a standby or got no
// answer raises the pool's own, and so makes every older connection unfit.
struct db_loan {
    struct db_pool *pool;
    struct db *db;       // NULL until a connection is made
    unsigned generation; // connections of an older one are not used again
};

// Borrows a connection with the settings' timeout as its deadline. Fails with: UNAVAILABLE (no
// connection could be made, or none was free in time), NO_MEMORY.
enum status db_pool_begin(struct db_pool *pool, struct db_loan *ret_loan, struct error *err);
// Gives the connection back, or closes it when it cannot serve another call. An empty loan is fine.
void db_pool_end(struct db_loan *loan);

// Whether a pooler stands between (db_settings).
bool db_pool_is_pooled(const struct db_pool *pool);
// Another server has taken over: every connection made before is of no use any more, lent ones too, and what
// they commit from now on has an unknown outcome.
void db_pool_leave(struct db_pool *pool);

// From now on no connection is lent that was made before: its server may have another role by now.
void db_pool_renew(struct db_pool *pool);

// A connection of its own, beside the pool, with a deadline from now. Owned: db_close.
enum status db_pool_open_apart(struct db_pool *pool, int timeout_ms, struct db **ret_db,
                               struct error *err);

struct db_pool_stats {
    int size;          // at the most
    int open;          // lent or idle
    int lent;          // in use or being made
    bool is_reachable; // as far as the last attempt told
};
void db_pool_stats(struct db_pool *pool, struct db_pool_stats *ret_stats);

int db_pool_timeout_ms(const struct db_pool *pool);
