// SPDX-License-Identifier: MIT
// The feed: changes by serial, and the listener that says when to look. A notification is only a hint;
// the rows are the truth. The listener has a connection of its own and asks it something every three
// seconds, so that a connection that died silently is noticed. Used by the thread that follows the
// feed.
#include "registryd/store/store_handle.h"

#include "schema/base/cleanup.h"
#include "schema/base/list.h"
#include "schema/base/clock.h"

enum {
    KEEPALIVE_MS = 3 * 1000,
    SLICE_MS = 500, // for seeing that another server has taken over
};

// A connection that only listens. It is not lent by the pool, because LISTEN belongs to one connection.
struct listener {
    struct db *db;    // its own connection
    int timeout_ms;   // of one statement
    int64_t heard_ms; // when the server last answered
};

struct change_row {
    struct history_point point;
    struct change change; // serial 0: there are none
    const char *groups;   // one a line
};

#define AT(member) offsetof(struct change_row, member)
static const struct db_column change_columns[] = {
    {"epoch", DB_COLUMN_CHARS, AT(point.epoch), EPOCH_SIZE},
    {"epoch_number", DB_COLUMN_INT64, AT(point.epoch_number), 0},
    {"current_serial", DB_COLUMN_INT64, AT(point.serial), 0},
    {"serial", DB_COLUMN_INT64, AT(change.serial), 0},
    {"kind", DB_COLUMN_TEXT, AT(change.kind), 0},
    {"package", DB_COLUMN_TEXT, AT(change.package), 0},
    {"version", DB_COLUMN_TEXT, AT(change.version), 0},
    {"environment", DB_COLUMN_TEXT, AT(change.environment), 0},
    {"reason", DB_COLUMN_TEXT, AT(change.reason), 0},
    {"at", DB_COLUMN_TEXT, AT(change.at), 0},
    {"groups", DB_COLUMN_TEXT, AT(groups), 0},
    {"actor", DB_COLUMN_TEXT, AT(change.actor), 0},
    {"detail", DB_COLUMN_TEXT, AT(change.detail), 0},
};
#undef AT

// A feed that has no changes still gives one row, with serial 0: the point is wanted in every case.
static enum status read_changes(struct db_rows *rows, int limit, struct changes *ret_changes,
                                struct error *err) {
    struct changes changes = {0};
    changes.items = arena_array(rows->arena, (size_t)limit, sizeof *changes.items);
    if (!changes.items) {
        return fail_no_memory(err);
    }
    for (;;) {
        struct change_row row = {0};
        enum status status = db_rows_next(rows, &row, err);
        if (status) {
            return status;
        }
        if (!rows->found) {
            break;
        }
        changes.point = row.point;
        if (!row.change.serial) {
            continue;
        }
        if (!store_split_lines(rows->arena, row.groups, &row.change.groups)) {
            return fail_no_memory(err);
        }
        changes.items[changes.count++] = row.change;
    }
    *ret_changes = changes;
    return STATUS_OK;
}

static enum status run_changes_on(struct db *db, struct arena *arena, const struct db_call *call,
                                  struct changes *ret_changes, struct error *err) {
    static const struct db_columns columns = {change_columns, COUNT_OF(change_columns)};
    scoped(db_rows_done) struct db_rows rows = {.columns = &columns, .arena = arena};
    enum status status = db_run(db, call, &rows, err);
    // Every statement of changes has the limit as its second parameter.
    int limit = (int)call->values[1].number;
    return status ? status : read_changes(&rows, limit, ret_changes, err);
}

enum status store_run_changes(struct store *store, struct arena *arena, const struct db_call *call,
                              struct changes *ret_changes, struct error *err) {
    scoped(store_read_end) struct store_read read = {.store = store};
    while (store_read_next(&read, err)) {
        read.status = run_changes_on(read.loan.db, arena, call, ret_changes, err);
    }
    return read.status;
}

enum status store_changes_load(struct store *store, struct arena *arena, int64_t since, int limit,
                               struct changes *ret_changes, struct error *err) {
    struct db_call call = {
        SQL_CHANGES_SINCE,
        .values = {
            [CHANGES_SINCE_SINCE] = db_int64(since), [CHANGES_SINCE_ROW_LIMIT] = db_int64(limit)}};
    return store_run_changes(store, arena, &call, ret_changes, err);
}

CLEANUP_DEFINE(struct listener *, close_listener, store_listener_close)

// A connection of its own, outside the pool: LISTEN belongs to a connection, and the feed must not take one
// from the requests.
enum status store_listener_open(struct store *store, struct listener **ret_listener,
                                struct error *err) {
    scoped(close_listener) struct listener *listener = calloc(1, sizeof *listener);
    if (!listener) {
        return fail_no_memory(err);
    }
    struct db_pool *pool = store_session_pool(store);
    listener->timeout_ms = db_pool_timeout_ms(pool);
    enum status status = db_pool_open_apart(pool, listener->timeout_ms, &listener->db, err);
    if (status) {
        return status;
    }
    // A pooler keeps its clients while the servers behind it change their roles. So when the direct connection had to
    // be made anew, the others are, too.
    if (store->direct) {
        db_pool_renew(store->pool);
    }
    status = db_run(listener->db, &(struct db_call){SQL_LISTEN}, NULL, err);
    if (status) {
        return status;
    }
    listener->heard_ms = monotonic_ms();
    *ret_listener = take(listener);
    return STATUS_OK;
}

// A connection that a firewall dropped in silence would otherwise wait for ever.
static enum status keep_alive(struct listener *listener, struct error *err) {
    db_set_deadline(listener->db, monotonic_ms() + listener->timeout_ms);
    enum status status = db_run(listener->db, &(struct db_call){SQL_PING}, NULL, err);
    listener->heard_ms = monotonic_ms();
    return status;
}

static int64_t earlier(int64_t a, int64_t b) {
    return a < b ? a : b;
}

// Wakes for a notification, for `wake_fd`, when it is time to ping, and at the end of the timeout.
enum status store_listener_wait(struct listener *listener, int timeout_ms, int wake_fd,
                                bool *ret_notified, struct error *err) {
    int64_t until_ms = monotonic_ms() + timeout_ms;
    for (;;) {
        int64_t ask_ms = listener->heard_ms + KEEPALIVE_MS;
        int64_t wait_ms = earlier(monotonic_ms() + SLICE_MS, earlier(ask_ms, until_ms));
        db_set_deadline(listener->db, wait_ms);
        bool notified = false;
        bool woken = false;
        enum status status = db_wait_notified(listener->db, wake_fd, &notified, err);
        int64_t now_ms = monotonic_ms();
        if (!status && (now_ms >= ask_ms || db_is_left(listener->db))) {
            status = keep_alive(listener, err);
        } else {
            woken = now_ms < wait_ms;
        }
        if (status) {
            return status;
        }
        if (notified || woken || now_ms >= until_ms) {
            *ret_notified = notified;
            return STATUS_OK;
        }
    }
}

void store_listener_close(struct listener *listener) {
    if (listener) {
        db_close(listener->db);
        free(listener);
    }
}
