// SPDX-License-Identifier: MIT
// Sending statements and taking their results without blocking. When the deadline passes, the server
// is asked to give up and the connection is thrown away, because its reply may still come. What
// matters most here is the difference between "failed" and "unknown": a connection lost while a
// commit was under way is UNKNOWN_OUTCOME, never a plain failure.
#include "registryd/store/libpq/db.h"

#include "registryd/store/libpq/db_handle.h"
#include "registryd/store/libpq/db_sqlstate.h"
#include "schema/base/cleanup.h"
#include "schema/base/clock.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

// At most so many threads wait for a frozen server at once.
enum { CANCELS_MAX = 4 };

static atomic_int cancels_running;

static void *run_cancel(void *context) {
    PGcancel *cancel = context;
    char reason[256];
    PQcancel(cancel, reason, sizeof reason);
    PQfreeCancel(cancel);
    atomic_fetch_sub(&cancels_running, 1);
    return NULL;
}

// PQcancel waits until the server closes its connection, for ever when the server is frozen: so it
// gets a thread of its own. With several of those stuck, the server's statement_timeout must do.
static void cancel_statement(const struct db *db) {
    if (atomic_fetch_add(&cancels_running, 1) >= CANCELS_MAX) {
        atomic_fetch_sub(&cancels_running, 1);
        return;
    }
    PGcancel *cancel = PQgetCancel(db->connection);
    pthread_t thread;
    if (!cancel || pthread_create(&thread, NULL, run_cancel, cancel)) {
        PQfreeCancel(cancel);
        atomic_fetch_sub(&cancels_running, 1);
        return;
    }
    pthread_detach(thread);
}

// `commits` is the difference between "try again" and "look first what happened".
static enum status fail_broken(struct db *db, const char *text, struct error *err) {
    db->broken = true;
    if (db->commits) {
        return fail(
            err, STATUS_UNKNOWN_OUTCOME, NULL,
            "%s while a change was being committed, so its outcome is unknown. Retrying is safe",
            text);
    }
    return fail(err, STATUS_UNAVAILABLE, NULL, "%s; try again", text);
}

static enum status fail_lost(struct db *db, struct error *err) {
    log_event(db->log, LOG_LEVEL_WARNING, "event=database-connection-lost reason=\"%s\"",
              db_reason(PQerrorMessage(db->connection)).text);
    return fail_broken(db, "The connection to the database was lost", err);
}

static enum status fail_late(struct db *db, struct error *err) {
    db->silent = true;
    if (PQstatus(db->connection) == CONNECTION_OK) {
        cancel_statement(db);
    }
    return fail_broken(db, "The database took too long", err);
}

// Waits on the socket and, when wake_fd is not -1, on that too; *ret_ready gets the socket's events.
// poll skips a negative descriptor, so -1 needs no case of its own.
static enum status wait_both(struct db *db, short events, int wake_fd, short *ret_ready,
                             struct error *err) {
    for (;;) {
        int64_t left_ms = db->deadline_ms - monotonic_ms();
        struct pollfd sockets[] = {
            {.fd = PQsocket(db->connection), .events = events},
            {.fd = wake_fd, .events = POLLIN},
        };
        int ready = poll(sockets, 2, left_ms > 0 ? (int)left_ms : 0);
        if (ready >= 0) {
            *ret_ready = sockets[0].revents;
            return STATUS_OK;
        }
        if (errno != EINTR) {
            return fail_broken(db, "Waiting for the database failed", err);
        }
    }
}

// Only the deadline ends it: an interrupted poll is started again with what is left of the time.
enum status db_wait_socket(struct db *db, short events, struct error *err) {
    short ready = 0;
    enum status status = wait_both(db, events, -1, &ready, err);
    if (status) {
        return status;
    }
    return ready ? STATUS_OK : fail_late(db, err);
}

void db_set_deadline(struct db *db, int64_t deadline_ms) {
    db->deadline_ms = deadline_ms;
}

void db_watch_history(struct db *db, const atomic_uint *histories, unsigned history) {
    db->histories = histories;
    db->history = history;
}

bool db_is_left(const struct db *db) {
    return db->histories && atomic_load(db->histories) != db->history;
}

bool db_is_alive(const struct db *db) {
    // An unsolicited message means that the server is closing the connection; other cases are not handled.
    struct pollfd socket = {.fd = PQsocket(db->connection), .events = POLLIN};
    return db_is_reusable(db) && poll(&socket, 1, 0) == 0;
}

bool db_is_reusable(const struct db *db) {
    return !db->broken && !db->misled && !db->streaming && !db_is_left(db) &&
           PQstatus(db->connection) == CONNECTION_OK &&
           PQtransactionStatus(db->connection) == PQTRANS_IDLE;
}

bool db_is_doubtful(const struct db *db) {
    return db->misled || db->silent;
}

static enum status fail_left(struct db *db, struct error *err) {
    return fail_broken(db, "Another server has taken over as the database", err);
}

bool db_is_in_transaction(const struct db *db) {
    PGTransactionStatusType status = PQtransactionStatus(db->connection);
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

struct db_mark *db_mark(struct db *db) {
    return &db->mark;
}

static enum status flush_output(struct db *db, struct error *err) {
    int left;
    while ((left = PQflush(db->connection)) == 1) {
        // Reading too, or server and client could both wait for the other to read.
        enum status status = db_wait_socket(db, POLLIN | POLLOUT, err);
        if (status) {
            return status;
        }
        if (!PQconsumeInput(db->connection)) {
            return fail_lost(db, err);
        }
    }
    return left ? fail_lost(db, err) : STATUS_OK;
}

enum status db_next_result(struct db *db, PGresult **ret_result, struct error *err) {
    while (PQisBusy(db->connection)) {
        enum status status = db_wait_socket(db, POLLIN, err);
        if (status) {
            return status;
        }
        if (!PQconsumeInput(db->connection) && PQisBusy(db->connection)) {
            return fail_lost(db, err);
        }
    }
    *ret_result = PQgetResult(db->connection);
    return STATUS_OK;
}

static enum status fail_refused(struct db *db, const PGresult *result, struct error *err) {
    const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    const struct db_sqlstate *row = db_sqlstate_find(code);
    if (!code || (severity && strcmp(severity, "ERROR") != 0)) {
        // The session ended under the statement; its commit may have been done by then.
        return fail_lost(db, err);
    }
    db->broken |= row->consequence != DB_KEEP;
    db->misled |= row->consequence == DB_DROP_POOL;
    if (row->status == STATUS_INTERNAL) {
        return fail(err, STATUS_INTERNAL, NULL, "%s (%s): %s", row->text, code,
                    PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
    }
    return fail(err, row->status, NULL, "%s (SQLSTATE %s)", row->text, code);
}

enum status db_check_result(struct db *db, const PGresult *result, struct error *err) {
    switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_SINGLE_TUPLE:
    case PGRES_EMPTY_QUERY:
        return STATUS_OK;
    default:
        return fail_refused(db, result, err);
    }
}

// Throws away what follows a failure: libpq takes no new statement before the last result is read. A
// connection that is lost on the way is marked as broken by db_next_result.
static void drain(struct db *db) {
    struct error ignored;
    PGresult *result = NULL;
    while (!db_next_result(db, &result, &ignored) && result) {
        PQclear(result);
    }
}

// Takes every result of what was sent; the first failure counts, else the last result.
static enum status collect(struct db *db, PGresult **ret_result, struct error *err) {
    scoped(db_result_free) PGresult *last = NULL;
    for (;;) {
        scoped(db_result_free) PGresult *result = NULL;
        enum status status = db_next_result(db, &result, err);
        if (status) {
            return status;
        }
        if (!result) {
            break;
        }
        status = db_check_result(db, result, err);
        if (status) {
            drain(db);
            return status;
        }
        PQclear(last);
        last = take(result);
    }
    if (!last) {
        return fail_lost(db, err);
    }
    *ret_result = take(last);
    return STATUS_OK;
}

static void list_types(const struct sql_info *info, Oid ret_types[DB_VALUES_MAX]) {
    for (int i = 0; i < info->parameter_count; i++) {
        ret_types[i] = info->parameters[i].type;
    }
}

// On first use of a statement on this connection. PostgreSQL parses it once. Behind a pooler the next transaction
// may be on a connection of the server that does not have it, so there nothing is prepared.
static enum status prepare(struct db *db, enum sql_statement statement, struct error *err) {
    const struct sql_info *info = &sql_table[statement];
    if (db->prepared[statement] || db->pooled) {
        return STATUS_OK;
    }
    Oid types[DB_VALUES_MAX];
    list_types(info, types);
    db->commits = false;
    if (!PQsendPrepare(db->connection, info->name, info->text, info->parameter_count, types)) {
        return fail_lost(db, err);
    }
    enum status status = flush_output(db, err);
    if (status) {
        return status;
    }
    scoped(db_result_free) PGresult *result = NULL;
    status = collect(db, &result, err);
    db->prepared[statement] = !status;
    return status;
}

// Sends the statement by its name, or its text as the unnamed statement: one round trip both.
static int send_call(struct db *db, const struct sql_info *info,
                     const struct db_arguments *arguments) {
    Oid types[DB_VALUES_MAX];
    if (!db->pooled) {
        return PQsendQueryPrepared(db->connection, info->name, info->parameter_count,
                                   arguments->values, arguments->lengths, arguments->formats, 0);
    }
    list_types(info, types);
    return PQsendQueryParams(db->connection, info->text, info->parameter_count, types,
                             arguments->values, arguments->lengths, arguments->formats, 0);
}

// A statement outside a transaction commits by itself; inside one only COMMIT does.
static enum status send_statement(struct db *db, const struct db_call *call, struct error *err) {
    const struct sql_info *info = &sql_table[call->statement];
    struct db_arguments arguments;
    enum status status = db_arguments_encode(call, &arguments, err);
    if (status) {
        db_arguments_done(&arguments);
        return status;
    }
    bool in_transaction = PQtransactionStatus(db->connection) != PQTRANS_IDLE;
    db->commits = info->writes && (!in_transaction || call->statement == SQL_TRANSACTION_COMMIT);
    // The notice receiver (db_connect.c) sets it while the statement runs.
    db->unreplicated = false;
    int sent = send_call(db, info, &arguments);
    if (sent && info->shape == SQL_SHAPE_STREAM) {
        db->streaming = PQsetSingleRowMode(db->connection);
    }
    status = sent ? flush_output(db, err) : fail_lost(db, err);
    db_arguments_done(&arguments);
    return status;
}

// A statement may succeed and yet not be what was asked for.
// Two traps. A standby that did not confirm is only a warning. The COMMIT of a failed transaction
// succeeds, and its tag is "ROLLBACK".
static enum status check_success(struct db *db, const struct db_call *call, PGresult *result,
                                 struct error *err) {
    const struct sql_info *info = &sql_table[call->statement];
    if (db->commits && db_is_left(db)) {
        return fail_left(db, err);
    }
    if (db->commits && db->unreplicated) {
        return fail_broken(db, "The standby did not confirm", err);
    }
    if (call->statement == SQL_TRANSACTION_COMMIT && strcmp(PQcmdStatus(result), "COMMIT") != 0) {
        return fail(err, STATUS_INTERNAL, info->name, "The transaction was rolled back");
    }
    int rows = PQntuples(result);
    if ((info->shape == SQL_SHAPE_ONE && rows != 1) ||
        (info->shape == SQL_SHAPE_OPTIONAL && rows > 1)) {
        return fail(err, STATUS_INTERNAL, info->name, "The statement gave %d rows", rows);
    }
    return STATUS_OK;
}

// A streamed result comes row by row, so that a hundred thousand rows never lie in memory at once.
static enum status take_result(struct db *db, const struct db_call *call, PGresult **ret_result,
                               struct error *err) {
    if (!db->streaming) {
        enum status status = collect(db, ret_result, err);
        return status ? status : check_success(db, call, *ret_result, err);
    }
    enum status status = db_next_result(db, ret_result, err);
    if (status) {
        return status;
    }
    return *ret_result ? db_check_result(db, *ret_result, err) : fail_lost(db, err);
}

// By name, so that a statement may list its columns in any order.
static enum status find_columns(struct db_rows *rows, const PGresult *result, struct error *err) {
    size_t at = 0;
    for (const struct db_columns *set = rows->columns; set; set = set->more) {
        for (size_t i = 0; i < set->count; i++, at++) {
            int number = at < DB_COLUMNS_MAX ? PQfnumber(result, set->items[i].name) : -1;
            if (number < 0) {
                return fail(err, STATUS_INTERNAL, NULL, "The result has no column %s",
                            set->items[i].name);
            }
            rows->numbers[at] = number;
        }
    }
    return STATUS_OK;
}

enum status db_run(struct db *db, const struct db_call *call, struct db_rows *rows,
                   struct error *err) {
    if (db->broken || db->streaming) {
        return fail_broken(db, "The connection to the database was lost", err);
    }
    if (db_is_left(db)) {
        db->commits = false;
        return fail_left(db, err);
    }
    enum status status = prepare(db, call->statement, err);
    if (status) {
        return status;
    }
    status = send_statement(db, call, err);
    if (status) {
        return status;
    }
    scoped(db_result_free) PGresult *result = NULL;
    status = take_result(db, call, &result, err);
    if (status || !rows) {
        return status;
    }
    status = find_columns(rows, result, err);
    rows->db = db;
    rows->next = 0;
    rows->result = take(result);
    return status;
}

// PQsendQuery, because prepared statements take one statement each.
enum status db_run_script(struct db *db, const char *text, struct error *err) {
    db->commits = false;
    if (!PQsendQuery(db->connection, text)) {
        return fail_lost(db, err);
    }
    enum status status = flush_output(db, err);
    if (status) {
        return status;
    }
    scoped(db_result_free) PGresult *result = NULL;
    return collect(db, &result, err);
}

// They carry nothing that is needed: one is as good as many.
static bool take_notifications(struct db *db) {
    bool any = false;
    for (PGnotify *note = PQnotifies(db->connection); note; note = PQnotifies(db->connection)) {
        PQfreemem(note);
        any = true;
    }
    return any;
}

enum status db_wait_notified(struct db *db, int wake_fd, bool *ret_notified, struct error *err) {
    db->commits = false;
    for (;;) {
        // First what libpq has read already: the socket does not become readable again for that.
        *ret_notified = take_notifications(db);
        if (*ret_notified) {
            return STATUS_OK;
        }
        short ready = 0;
        enum status status = wait_both(db, POLLIN, wake_fd, &ready, err);
        if (status || !ready) {
            return status;
        }
        if (!PQconsumeInput(db->connection)) {
            return fail_lost(db, err);
        }
    }
}
