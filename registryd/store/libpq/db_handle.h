// SPDX-License-Identifier: MIT
// What db.c, db_connect.c and db_rows.c share: the inside of a connection. Only they include this.
#pragma once

#include "registryd/store/libpq/db.h"

#include <libpq-fe.h>

// With any of `broken`, `misled` and `streaming`, the pool closes the connection instead of keeping
// it (db_is_reusable).
struct db {
    PGconn *connection; // owned
    const struct log_sink *log;
    int64_t deadline_ms;                // monotonic; every wait ends there
    bool broken;                        // close it: lost, or a reply is still on its way
    bool misled;                        // the server is not the one we want
    bool silent;                        // it did not answer in time
    bool unreplicated;                  // a commit is local only
    bool streaming;                     // a result is being read row by row
    bool commits;                       // the statement under way makes things durable by itself
    bool pooled;                        // statements are unnamed
    const atomic_uint *histories;       // NULL = not watched
    unsigned history;                   // of *histories when it was made
    bool prepared[SQL_STATEMENT_COUNT]; // on this connection
    struct db_mark mark;                // the borrower's
};

// What libpq said, fit to stand between double quotes on one line of the log.
struct db_reason {
    char text[512];
};
struct db_reason db_reason(const char *said);

// Waits for `events` on the socket until the deadline. Fails with: UNAVAILABLE.
enum status db_wait_socket(struct db *db, short events, struct error *err);

// The next result, waited for; *ret_result is NULL after the last. Fails as a lost connection does.
enum status db_next_result(struct db *db, PGresult **ret_result, struct error *err);

// STATUS_OK for a good result, else what it stands for.
enum status db_check_result(struct db *db, const PGresult *result, struct error *err);

static inline void db_result_free(PGresult **result) {
    PQclear(*result);
}
