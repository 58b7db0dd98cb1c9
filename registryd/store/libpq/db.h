// SPDX-License-Identifier: MIT
// One connection to PostgreSQL. Statements come from the generated table and are prepared on a
// connection when first used there; every wait ends at the connection's deadline. A connection is used
// by one thread at a time. Only db*.c know libpq.
//
// Every call fails with: UNAVAILABLE, DISK_FULL, NO_MEMORY, INTERNAL, besides what stands at the call.
// Details that are not for strangers (hosts, users, libpq's texts) go to the log, not into the error.
#pragma once

#include "registryd/store/libpq/db_value.h"
#include "schema/base/arena.h"
#include "schema/base/log.h"

#include <stdatomic.h>

struct db;
struct db_hosts; // db_hosts.h

struct db_settings {
    const char *conninfo; // libpq connection string or URI
    int timeout_ms;       // also the server's statement_timeout
    bool reads_only;      // a standby will do, and nothing may be written
    bool is_pooled;       // a pooler in transaction mode stands between: see below
    const struct log_sink *log;
    const char *
        disk; // folder on the disk that the server writes to; NULL = not on this machine, or not known
    // Asked about each new connection before it is used; a server that it finds UNAVAILABLE is passed over as a
    // standby is, and its message says why ("its history ..."). NULL = every primary will do.
    enum status (*admit)(void *context, struct db *db, struct error *err);
    void *admit_context; // borrowed
};

// Behind a pooler in transaction mode (PgBouncer) each transaction may run on another connection of the server.
// Nothing may depend on the session then: statements are sent unnamed, so the server parses them each time, and
// no time limits are set at the start of the connection. The role or the pooler sets them (docs/OPERATIONS.md).

// Whether libpq can read the connection string. Fails with: USAGE.
enum status db_conninfo_check(const char *conninfo, struct error *err);

// The user that the connection string names. *ret_user is owned (free).
// Fails with: USAGE (it names none), NO_MEMORY.
enum status db_conninfo_user(const char *conninfo, char **ret_user, struct error *err);

// Appends the connection string to `ret_text` as keyword='value' pairs in which every secret (password,
// sslpassword, a passphrase in a URI) reads ***: what may be printed or logged. A string that libpq cannot
// parse is not repeated at all, since a password may be anywhere in it. Fails with: USAGE, NO_MEMORY.
enum status db_conninfo_mask(const char *conninfo, struct buffer *ret_text, struct error *err);

// Connects to the first of the hosts that is a primary and lets us in; the deadline also stays for the calls
// that follow. `hosts` are those of settings->conninfo. *ret_db is owned.
// On UNAVAILABLE err->message holds the details: the caller logs them and hides them.
enum status db_open(const struct db_settings *settings, struct db_hosts *hosts, int64_t deadline_ms,
                    struct db **ret_db, struct error *err);
void db_close(struct db *db);

// In milliseconds of monotonic_ms() (schema/base/clock.h). It holds for all calls until the next
// one is set.
void db_set_deadline(struct db *db, int64_t deadline_ms);

// From now on the connection is of use only while *histories is `history`. What commits after that has an
// outcome that is unknown, because another server has taken over. `histories` is borrowed.
void db_watch_history(struct db *db, const atomic_uint *histories, unsigned history);

// Whether another server has taken over: db_watch_history.
bool db_is_left(const struct db *db);

// Whether an idle connection still stands, as far as its socket tells. Does not wait.
bool db_is_alive(const struct db *db);

// Whether it may serve another call: not lost, not in a transaction, no result half read.
bool db_is_reusable(const struct db *db);

// Whether the others of its pool are in doubt as well: an answer told that the server is the wrong one (a
// standby), or none came in time.
bool db_is_doubtful(const struct db *db);

// Whether a transaction is open.
bool db_is_in_transaction(const struct db *db);

// What the borrower noted about the server at the other end; zeros on a new connection. It stays true as long as
// the connection lasts, because a server never forgets what it has replayed. Behind a pooler it says nothing.
struct db_mark {
    char history[64]; // the epoch
    int64_t serial;   // that the server had reached
};
struct db_mark *db_mark(struct db *db);

// ---- running statements ----

enum db_column_kind {
    DB_COLUMN_TEXT,     // const char *, arena; NULL for SQL's NULL
    DB_COLUMN_BORROWED, // const char *, valid until the next row; NULL for SQL's NULL
    DB_COLUMN_CHARS,    // char[], `size` bytes with the NUL
    DB_COLUMN_INT64,    // int64_t; 0 for SQL's NULL
    DB_COLUMN_BOOL,     // bool; false for SQL's NULL
};

// Where a result column goes in the caller's struct.
// Example: {"package_count", DB_COLUMN_INT64, offsetof(struct group_row, package_count), 0}
// The value is copied by bytes, so the kind must fit the type of the member. No compiler checks it.
struct db_column {
    const char *name; // of the result's column
    enum db_column_kind kind;
    size_t offset; // in the caller's struct
    size_t size;   // of DB_COLUMN_CHARS
};

// `offset` and `more` let several structs share one table of columns. An example is the row of an
// environment, which is read with its document and without (store_environments.c).
struct db_columns {
    const struct db_column *items; // static
    size_t count;
    size_t offset;                 // of the struct they fill, in the caller's
    const struct db_columns *more; // further columns of the same row, or NULL
};

// Of all sets of a row together. A table of columns with more fails as INTERNAL when it is run.
enum { DB_COLUMNS_MAX = 32 };

// A result, read row by row: set `columns` and `arena`, run, then db_rows_next.
// `scoped(db_rows_done) struct db_rows rows = {.columns = &columns, .arena = arena};`
struct db_rows {
    const struct db_columns *columns;
    struct arena *arena; // NULL when no column is DB_COLUMN_TEXT
    bool found;          // the last db_rows_next gave a row
    struct db *db;
    void *result;                // PGresult
    int next;                    // row to read
    int numbers[DB_COLUMNS_MAX]; // of the columns, in the result
};

// Runs a statement. `rows` is NULL when the result is not read.
// Fails with: CONFLICT (a unique key), INVALID, TOO_LARGE; UNKNOWN_OUTCOME when the connection was
// lost, or the deadline passed, while the statement committed.
enum status db_run(struct db *db, const struct db_call *call, struct db_rows *rows,
                   struct error *err);

// Reads the next row into *ret_object; rows->found tells whether there was one.
enum status db_rows_next(struct db_rows *rows, void *ret_object, struct error *err);
void db_rows_done(struct db_rows *rows);

// Runs several statements at once: a migration. As db_run otherwise.
enum status db_run_script(struct db *db, const char *text, struct error *err);

// Waits for a notification, until the deadline or until `wake_fd` (-1 = none) is readable.
enum status db_wait_notified(struct db *db, int wake_fd, bool *ret_notified, struct error *err);
