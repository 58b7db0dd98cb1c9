// SPDX-License-Identifier: MIT
// The idle connections are a stack, so that the busiest stay warm. The lock is held for list work
// only, never while connecting, asking or closing. A connection that led to a standby raises the
// generation: every connection made before is closed instead of being lent again.
#include "registryd/store/libpq/db_pool.h"

#include "registryd/store/libpq/db_hosts.h"
#include "schema/base/cleanup.h"
#include "schema/base/clock.h"

#include <pthread.h>
#include <string.h>
#include <sys/statvfs.h>

struct idle {
    struct db *db;
    unsigned generation; // of the pool when it was made
};

// lent + idle_count never exceeds size. A place is taken before connecting, so that threads that connect at
// the same time cannot exceed it either.
struct db_pool {
    pthread_mutex_t lock;
    pthread_cond_t freed; // a place is free
    struct db_settings settings;
    char *conninfo;         // owned; settings.conninfo points here
    struct db_hosts *hosts; // of conninfo; owned
    int size;               // places
    int lent;               // being made or in use
    int idle_count;         // connections in no hands
    unsigned generation;    // older connections are not used again
    atomic_uint histories;  // how often another server has taken over
    bool reachable;         // as far as the last attempt told
    struct idle idle[];     // a stack
};

CLEANUP_DEFINE(struct db_pool *, free_pool, db_pool_free)

static bool init_locks(struct db_pool *pool) {
    pthread_condattr_t attributes;
    if (pthread_condattr_init(&attributes)) {
        return false;
    }
    bool ready = !pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) &&
                 !pthread_cond_init(&pool->freed, &attributes);
    pthread_condattr_destroy(&attributes);
    return ready && !pthread_mutex_init(&pool->lock, NULL);
}

enum status db_pool_new(const struct db_settings *settings, int size, struct db_pool **ret_pool,
                        struct error *err) {
    enum status status = db_conninfo_check(settings->conninfo, err);
    if (status) {
        return status;
    }
    if (size < 1) {
        return fail(err, STATUS_USAGE, NULL, "The pool needs at least one connection");
    }
    struct db_pool *raw = calloc(1, sizeof *raw + (size_t)size * sizeof *raw->idle);
    if (!raw || !init_locks(raw)) {
        free(raw);
        return fail_no_memory(err);
    }
    scoped(free_pool) struct db_pool *pool = raw;
    pool->settings = *settings;
    pool->size = size;
    pool->reachable = true;
    atomic_init(&pool->histories, 0);
    pool->conninfo = strdup(settings->conninfo);
    pool->settings.conninfo = pool->conninfo;
    if (!pool->conninfo) {
        return fail_no_memory(err);
    }
    status = db_hosts_new(pool->conninfo, &pool->hosts, err);
    if (status) {
        return status;
    }
    *ret_pool = take(pool);
    return STATUS_OK;
}

void db_pool_free(struct db_pool *pool) {
    if (!pool) {
        return;
    }
    for (int i = 0; i < pool->idle_count; i++) {
        db_close(pool->idle[i].db);
    }
    pthread_cond_destroy(&pool->freed);
    pthread_mutex_destroy(&pool->lock);
    db_hosts_free(pool->hosts);
    free(pool->conninfo);
    free(pool);
}

int db_pool_timeout_ms(const struct db_pool *pool) {
    return pool->settings.timeout_ms;
}

bool db_pool_is_pooled(const struct db_pool *pool) {
    return pool->settings.is_pooled;
}

// What a server says that cannot start, and whether the disk that it would write to has no room for a file of its
// log: a server that stopped on a full disk does not come back, and then says nothing at all.
static bool is_disk_full(const struct db_pool *pool, const char *reason) {
    enum { LOG_FILE_BYTES = 16 * 1024 * 1024 };
    struct statvfs disk;
    const char *folder = pool->settings.disk;
    bool is_known = folder && statvfs(folder, &disk) == 0;
    return strstr(reason, "No space left on device") ||
           (is_known && disk.f_bavail * disk.f_frsize < LOG_FILE_BYTES);
}

// Strangers learn that the database is away; why, and where it is, is for the log, once.
static enum status note_unreachable(struct db_pool *pool, const struct error *detail,
                                    struct error *err) {
    pthread_mutex_lock(&pool->lock);
    bool news = pool->reachable;
    pool->reachable = false;
    pthread_mutex_unlock(&pool->lock);
    if (pool->settings.reads_only) { // the primary is asked instead: no stranger sees this
        return fail(err, detail->status, NULL, "%s", detail->message);
    }
    if (news) {
        log_event(pool->settings.log, LOG_LEVEL_ERROR, "event=database-unreachable reason=\"%s\"",
                  detail->message);
    }
    return is_disk_full(pool, detail->message)
               ? fail(err, STATUS_DISK_FULL, NULL, "The database's disk is full")
               : fail(err, detail->status, NULL, "The database cannot be reached; try again");
}

static void note_reachable(struct db_pool *pool) {
    pthread_mutex_lock(&pool->lock);
    bool news = !pool->reachable && !pool->settings.reads_only;
    pool->reachable = true;
    pthread_mutex_unlock(&pool->lock);
    if (news) {
        log_event(pool->settings.log, LOG_LEVEL_INFO, "event=database-reachable");
    }
}

// A connection that was made while another server took over may lead to the one before, so it is made again.
static enum status open_current(struct db_pool *pool, int64_t deadline_ms, struct db **ret_db,
                                struct error *err) {
    for (;;) {
        unsigned history = atomic_load(&pool->histories);
        struct db *db = NULL;
        enum status status = db_open(&pool->settings, pool->hosts, deadline_ms, &db, err);
        if (status) {
            return status;
        }
        db_watch_history(db, &pool->histories, history);
        if (!db_is_left(db)) {
            *ret_db = db;
            return STATUS_OK;
        }
        db_close(db);
    }
}

// The detail names hosts and users: it goes to the log, and strangers get one fixed sentence.
static enum status connect_until(struct db_pool *pool, int64_t deadline_ms, struct db **ret_db,
                                 struct error *err) {
    struct error detail = {0};
    enum status status = open_current(pool, deadline_ms, ret_db, &detail);
    if (status == STATUS_UNAVAILABLE) {
        return note_unreachable(pool, &detail, err);
    }
    if (status) {
        return fail(err, status, NULL, "%s", detail.message);
    }
    note_reachable(pool);
    return STATUS_OK;
}

void db_pool_renew(struct db_pool *pool) {
    pthread_mutex_lock(&pool->lock);
    pool->generation++;
    pthread_mutex_unlock(&pool->lock);
}

enum status db_pool_open_apart(struct db_pool *pool, int timeout_ms, struct db **ret_db,
                               struct error *err) {
    return connect_until(pool, monotonic_ms() + timeout_ms, ret_db, err);
}

// Takes a place in the pool, and the idle connection that goes with it when there is one.
static enum status take_place(struct db_pool *pool, int64_t deadline_ms, struct db_loan *loan,
                              struct error *err) {
    bool free_place = true;
    pthread_mutex_lock(&pool->lock);
    while (free_place && pool->lent == pool->size) {
        // After a timeout the count is looked at once more: a place may have come free at that
        // moment.
        free_place =
            monotonic_wait(&pool->freed, &pool->lock, deadline_ms) || pool->lent < pool->size;
    }
    if (free_place) {
        pool->lent++;
        *loan = (struct db_loan){.pool = pool, .generation = pool->generation};
    }
    if (free_place && pool->idle_count) {
        struct idle idle = pool->idle[--pool->idle_count];
        loan->db = idle.db;
        loan->generation = idle.generation;
    }
    pthread_mutex_unlock(&pool->lock);
    return free_place ? STATUS_OK
                      : fail(err, STATUS_UNAVAILABLE, NULL,
                             "All %d database connections are in use; try again", pool->size);
}

static bool is_current(struct db_pool *pool, const struct db_loan *loan) {
    pthread_mutex_lock(&pool->lock);
    bool current = loan->generation == pool->generation;
    pthread_mutex_unlock(&pool->lock);
    return current;
}

// Stale connections are closed and the next one is tried, within the same deadline.
enum status db_pool_begin(struct db_pool *pool, struct db_loan *ret_loan, struct error *err) {
    int64_t deadline_ms = monotonic_ms() + pool->settings.timeout_ms;
    for (;;) {
        scoped(db_pool_end) struct db_loan loan = {0};
        enum status status = take_place(pool, deadline_ms, &loan, err);
        if (status) {
            return status;
        }
        if (!loan.db) {
            status = connect_until(pool, deadline_ms, &loan.db, err);
        } else if (!is_current(pool, &loan) || !db_is_alive(loan.db)) {
            db_close(take(loan.db));
            continue;
        }
        if (status) {
            return status;
        }
        db_set_deadline(loan.db, deadline_ms);
        *ret_loan = loan;
        // The place belongs to the caller now, so the scoped loan has nothing left to give back.
        loan.pool = NULL;
        return STATUS_OK;
    }
}

// A connection goes back only when nothing is left on it: no transaction, no result, no cancelled statement.
void db_pool_end(struct db_loan *loan) {
    struct db_pool *pool = loan->pool;
    if (!pool) {
        return;
    }
    struct db *unfit = NULL;
    pthread_mutex_lock(&pool->lock);
    if (loan->db && db_is_doubtful(loan->db)) {
        // The connection itself becomes too old by this, so it is closed below as well.
        pool->generation++;
    }
    if (loan->db && loan->generation == pool->generation && db_is_reusable(loan->db)) {
        pool->idle[pool->idle_count++] = (struct idle){loan->db, loan->generation};
    } else {
        unfit = loan->db;
    }
    pool->lent--;
    pthread_cond_signal(&pool->freed);
    pthread_mutex_unlock(&pool->lock);
    db_close(unfit);
    *loan = (struct db_loan){0};
}

void db_pool_leave(struct db_pool *pool) {
    atomic_fetch_add(&pool->histories, 1);
}

void db_pool_stats(struct db_pool *pool, struct db_pool_stats *ret_stats) {
    pthread_mutex_lock(&pool->lock);
    *ret_stats = (struct db_pool_stats){.size = pool->size,
                                        .open = pool->lent + pool->idle_count,
                                        .lent = pool->lent,
                                        .is_reachable = pool->reachable};
    pthread_mutex_unlock(&pool->lock);
}
