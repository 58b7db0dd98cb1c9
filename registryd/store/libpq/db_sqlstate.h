// SPDX-License-Identifier: MIT
// What a PostgreSQL error code means to the rest of the daemon: its status, what becomes of the
// connection, and a sentence that is fit for strangers. Pure, callable from any thread.
#pragma once

#include "schema/base/status.h"

enum db_consequence {
    DB_KEEP,      // the connection is as good as before
    DB_DROP,      // close this connection
    DB_DROP_POOL, // close every connection: they lead to the wrong server
};

struct db_sqlstate {
    const char *code;                // five characters, or a class of two
    enum status status;              // what callers get
    enum db_consequence consequence; // whether the connection, or the pool, can go on
    const char *text;                // a sentence without a full stop
};

// The row of a code, else of its class, else a fault. `code` may be NULL: the connection was lost.
// Static.
const struct db_sqlstate *db_sqlstate_find(const char *code);
