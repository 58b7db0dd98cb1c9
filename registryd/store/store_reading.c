// SPDX-License-Identifier: MIT
// Reading from a hot standby. The handle of reads has a pool of its own, to the standby, and falls back to the
// primary's. A standby may answer when its replay has reached `required`: the latest change that this daemon has
// shown to anybody. What a connection has shown stays true for that connection (db_mark), so most reads ask for
// nothing more; behind a pooler the point and the rows are read in one transaction.
//
//     read ---- standby in use? -- point reached? ----> rows ----> done
//               |  no              |  no                |  lost, cancelled by recovery, too old
//               '------------------'--------------------'---------> the same on the primary
//
// The thread of registryd/threads/standby_watcher.c looks at the standby twice a second and decides whether it is in use.
// The lock is held for a few members; no call is made under it.
#include "registryd/store/store_handle.h"

#include "schema/base/cleanup.h"
#include "schema/base/clock.h"

#include <pthread.h>
#include <string.h>

enum { CHECK_TIMEOUT_MS = 1000 };

struct standby {
    pthread_mutex_t lock;
    struct history_point required; // what a read must show; no epoch: not known yet
    struct history_point before;   // what was required at the check before
    enum standby_state state;      // STANDBY_NONE: not looked at yet
    int64_t serial;                // that the standby had reached at the last check
    atomic_uint_fast64_t reads;
    atomic_uint_fast64_t fallbacks; // reads that began on the standby and ended on the primary
};

static const char *const state_names[] = {
    [STANDBY_NONE] = "none",
    [STANDBY_AWAY] = "unreachable",
    [STANDBY_BEHIND] = "behind",
    [STANDBY_USED] = "used",
};

const char *standby_state_name(enum standby_state state) {
    return state_names[state];
}

// ---- the handle ----

enum status store_reading_open(struct store *store, const struct store_settings *settings,
                               struct error *err) {
    if (!settings->read_conninfo) {
        return STATUS_OK;
    }
    struct db_settings of_connection = {
        .conninfo = settings->read_conninfo,
        .timeout_ms = settings->timeout_ms / 2, // the other half is for the primary
        .reads_only = true,
        .is_pooled = settings->is_pooled,
        .log = settings->log,
    };
    struct store *reading = calloc(1, sizeof *reading);
    store->reading = reading;
    if (!reading) {
        return fail_no_memory(err);
    }
    reading->primary = store;
    reading->log = settings->log;
    reading->standby = calloc(1, sizeof *reading->standby);
    if (!reading->standby) {
        return fail_no_memory(err);
    }
    pthread_mutex_init(&reading->standby->lock, NULL);
    return db_pool_new(&of_connection, settings->pool_size, &reading->pool, err);
}

void store_reading_close(struct store *reading) {
    if (!reading) {
        return;
    }
    if (reading->standby) {
        pthread_mutex_destroy(&reading->standby->lock);
    }
    db_pool_free(reading->pool);
    free(reading->standby);
    free(reading);
}

struct store *store_reading(struct store *store) {
    return store->reading ? store->reading : store;
}

// Within one epoch the point only grows: several threads may bring theirs in any order.
void store_reading_require(struct store *reading, const struct history_point *point) {
    struct standby *standby = reading->standby;
    if (!standby) {
        return;
    }
    pthread_mutex_lock(&standby->lock);
    if (history_point_is_later(point, &standby->required)) {
        standby->required = *point;
    }
    pthread_mutex_unlock(&standby->lock);
}

// ---- one read ----

// False when the standby is not in use, or when it is not known yet what a read must show.
static bool find_required(struct standby *standby, struct history_point *ret_required) {
    pthread_mutex_lock(&standby->lock);
    bool is_used = standby->state == STANDBY_USED && standby->required.epoch[0];
    *ret_required = standby->required;
    pthread_mutex_unlock(&standby->lock);
    return is_used;
}

static bool is_at(const struct db_mark *mark, const struct history_point *required) {
    return strcmp(mark->history, required->epoch) == 0 && mark->serial >= required->serial;
}

static enum status look(struct db *db, struct db_mark *mark, struct error *err) {
    struct history_point point = {0};
    struct store_query query = {.call = &(struct db_call){SQL_REGISTRY_POINT},
                                .columns = &store_point_columns};
    enum status status = store_run_one_on(db, &query, &point, NULL, err);
    if (status) {
        return status;
    }
    memcpy(mark->history, point.epoch, sizeof point.epoch);
    mark->serial = point.serial;
    return STATUS_OK;
}

// Whether what is read on the connection from now on shows the required point. Behind a pooler that holds for one
// transaction, which is begun here and ends with the loan.
static enum status reach(const struct store_read *read, const struct history_point *required,
                         bool *ret_reached, struct error *err) {
    struct db_mark *mark = db_mark(read->loan.db);
    bool is_pooled = db_pool_is_pooled(read->store->pool);
    enum status status = STATUS_OK;
    if (is_pooled) {
        struct db_call begin = {SQL_TRANSACTION_BEGIN_SNAPSHOT};
        status = db_run(read->loan.db, &begin, NULL, err);
    }
    if (status) {
        return status;
    }
    if (is_pooled || !is_at(mark, required)) {
        status = look(read->loan.db, mark, err);
    }
    *ret_reached = !status && is_at(mark, required);
    return status;
}

static void log_lost(const struct store *reading, const struct error *err) {
    log_event(reading->log, LOG_LEVEL_WARNING,
              "event=standby-lost reason=\"%s\" advice=\"reads go to the primary until the standby "
              "is back\"",
              err->message);
}

// The first read that meets a lost standby takes it out of use; the others then go to the primary at once.
static void note_failure(struct store *reading, const struct db *db, const struct error *err) {
    struct standby *standby = reading->standby;
    struct db_pool_stats stats;
    db_pool_stats(reading->pool, &stats);
    atomic_fetch_add(&standby->fallbacks, 1);
    if (stats.is_reachable && (!db || db_is_reusable(db) || db_is_in_transaction(db))) {
        return; // one statement failed, as by a conflict with the replay
    }
    pthread_mutex_lock(&standby->lock);
    bool is_news = standby->state == STANDBY_USED;
    standby->state = is_news ? STANDBY_AWAY : standby->state;
    pthread_mutex_unlock(&standby->lock);
    if (is_news) {
        log_lost(reading, err);
    }
}

static void give_back(struct store_read *read) {
    struct error at_end; // a connection that cannot end its transaction is thrown away
    if (read->loan.db && db_is_in_transaction(read->loan.db)) {
        db_run(read->loan.db, &(struct db_call){SQL_TRANSACTION_END}, NULL, &at_end);
    }
    db_pool_end(&read->loan);
}

static enum status borrow(struct store_read *read, const struct history_point *required,
                          bool *ret_reached, struct error *err) {
    enum status status = db_pool_begin(read->store->pool, &read->loan, err);
    return status ? status : reach(read, required, ret_reached, err);
}

bool store_read_standby(struct store_read *read) {
    struct standby *standby = read->store->standby;
    struct history_point required;
    struct error why = {0};
    bool is_reached = false;
    if (!standby || !find_required(standby, &required)) {
        return false;
    }
    if (borrow(read, &required, &is_reached, &why)) {
        note_failure(read->store, read->loan.db, &why);
    }
    if (!is_reached) {
        give_back(read);
        return false;
    }
    atomic_fetch_add(&standby->reads, 1);
    read->on_standby = true;
    return true;
}

// What the primary would not fail with: the connection or the transaction was ended, or the standby has not yet
// the tables of this program.
static bool is_of_standby(enum status status) {
    return status == STATUS_UNAVAILABLE || status == STATUS_INTERNAL ||
           status == STATUS_DISK_FULL || status == STATUS_UNKNOWN_OUTCOME;
}

bool store_read_next(struct store_read *read, struct error *err) {
    struct store *primary = read->store->primary ? read->store->primary : read->store;
    if (!read->on_standby && !read->on_primary && store_read_standby(read)) {
        return true;
    }
    if (read->on_primary || (read->on_standby && !is_of_standby(read->status))) {
        return false;
    }
    if (read->on_standby) {
        struct error unknown = {.message = "a read failed"};
        note_failure(read->store, read->loan.db, err ? err : &unknown);
        give_back(read);
    }
    read->on_standby = false;
    read->on_primary = true;
    read->status = db_pool_begin(primary->pool, &read->loan, err);
    return !read->status;
}

void store_read_end(struct store_read *read) {
    give_back(read);
}

// ---- watching ----

static enum status look_now(struct store *reading, struct db_mark *mark, struct error *err) {
    scoped(db_pool_end) struct db_loan loan = {0};
    enum status status = db_pool_begin(reading->pool, &loan, err);
    if (status) {
        return status;
    }
    db_set_deadline(loan.db, monotonic_ms() + CHECK_TIMEOUT_MS);
    return look(loan.db, mark, err);
}

// A standby that lacks what was required half a second ago is behind: reads would only ask it in vain.
static enum standby_state judge(struct standby *standby, const struct db_mark *mark) {
    bool is_fit = !standby->before.epoch[0] || is_at(mark, &standby->before);
    standby->before = standby->required;
    standby->serial = mark->serial;
    return is_fit ? STANDBY_USED : STANDBY_BEHIND;
}

void store_standby_check(struct store *store) {
    struct store *reading = store_reading(store);
    struct standby *standby = reading->standby;
    struct db_mark mark = {0};
    struct error why = {0};
    if (!standby) {
        return;
    }
    enum status status = look_now(reading, &mark, &why);
    pthread_mutex_lock(&standby->lock);
    enum standby_state before = standby->state;
    int64_t wanted = standby->before.serial;
    standby->state = status ? STANDBY_AWAY : judge(standby, &mark);
    enum standby_state state = standby->state;
    pthread_mutex_unlock(&standby->lock);
    if (state == before) {
        return;
    }
    if (state == STANDBY_USED) {
        log_event(reading->log, LOG_LEVEL_INFO, "event=standby-in-use serial=%lld",
                  (long long)mark.serial);
    } else if (state == STANDBY_BEHIND) {
        log_event(reading->log, LOG_LEVEL_WARNING,
                  "event=standby-behind serial=%lld wanted=%lld epoch=%s advice=\"reads go to the "
                  "primary until it has caught up\"",
                  (long long)mark.serial, (long long)wanted, mark.history);
    } else {
        log_lost(reading, &why);
    }
}

void store_standby_stats(struct store *store, struct standby_stats *ret_stats) {
    struct standby *standby = store_reading(store)->standby;
    *ret_stats = (struct standby_stats){.state = STANDBY_NONE};
    if (!standby) {
        return;
    }
    pthread_mutex_lock(&standby->lock);
    int64_t behind = standby->required.serial - standby->serial;
    ret_stats->state = standby->state ? standby->state : STANDBY_AWAY;
    pthread_mutex_unlock(&standby->lock);
    ret_stats->behind = behind > 0 ? behind : 0;
    ret_stats->reads = atomic_load(&standby->reads);
    ret_stats->fallbacks = atomic_load(&standby->fallbacks);
}
