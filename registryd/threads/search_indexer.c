// SPDX-License-Identifier: MIT
// One thread that mostly sleeps. It logs two things: that search is behind because the database refuses to
// follow the changes (once a minute at most; "behind" for less than a turn is the usual state after a publish),
// and every package that search cannot index, by name, when the number of them grows. What it does holds for
// the counts of groups, too: store_packages_follow keeps both.
#include "registryd/threads/search_indexer.h"

#include "registryd/store/store_search.h"
#include "schema/base/clock.h"
#include "schema/base/cleanup.h"

#include <errno.h>
#include <pthread.h>

enum { TURN_MS = 1000, LOG_TURNS = 60, PROBLEMS_LOGGED = 20 };

struct search_indexer {
    struct store *store;
    struct index *index;
    const struct log_sink *log;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stopping; // wakes it from its pause
    bool stop;               // under the lock
    struct history_point followed;
    int64_t known_problems; // so that new ones are logged once
    int quiet_turns;        // until the next line about being behind
};

// True when it is time to stop.
static bool sleep_a_turn(struct search_indexer *indexer) {
    int64_t deadline_ms = monotonic_ms() + TURN_MS;
    pthread_mutex_lock(&indexer->lock);
    while (!indexer->stop && monotonic_wait(&indexer->stopping, &indexer->lock, deadline_ms)) {
    }
    bool stop = indexer->stop;
    pthread_mutex_unlock(&indexer->lock);
    return stop;
}

static bool is_asked_to_stop(struct search_indexer *indexer) {
    pthread_mutex_lock(&indexer->lock);
    bool stop = indexer->stop;
    pthread_mutex_unlock(&indexer->lock);
    return stop;
}

// One line in LOG_TURNS turns: an indexer that is stuck must not fill the log.
static void log_behind(struct search_indexer *indexer, int64_t serial, const struct error *err) {
    if (indexer->quiet_turns > 0) {
        indexer->quiet_turns--;
        return;
    }
    indexer->quiet_turns = LOG_TURNS;
    log_event(indexer->log, LOG_LEVEL_WARNING,
              "event=search-behind changes=%lld code=%s detail=\"%s\"",
              (long long)store_search_lag(indexer->store, serial),
              status_info(err->status)->wire_name, err->message);
}

// Names the packages that search cannot index, when there are more than before.
static void log_problems(struct search_indexer *indexer) {
    struct search_state state;
    store_search_state(indexer->store, &state);
    bool is_more = state.problems > indexer->known_problems;
    indexer->known_problems = state.problems;
    scoped(cleanup_arena) struct arena *arena = is_more ? arena_new(0) : NULL;
    struct page page = {.limit = PROBLEMS_LOGGED};
    struct search_problems rows = {0};
    if (!arena || store_search_problems_load(indexer->store, arena, &page, &rows, NULL)) {
        return;
    }
    for (size_t i = 0; i < rows.count; i++) {
        log_event(indexer->log, LOG_LEVEL_WARNING, "event=search-problem package=%s detail=\"%s\"",
                  rows.items[i].package, rows.items[i].error);
    }
}

// Asks the database only when the serial has moved since the last turn that ended in step with it.
static void take_turn(struct search_indexer *indexer) {
    struct history_point now;
    struct error err;
    index_point(indexer->index, &now);
    if (now.serial == indexer->followed.serial && strcmp(now.epoch, indexer->followed.epoch) == 0) {
        return;
    }
    bool is_behind = true;
    while (is_behind && !is_asked_to_stop(indexer)) {
        if (store_packages_follow(indexer->store, &is_behind, &err)) {
            log_behind(indexer, now.serial, &err);
            return;
        }
        log_problems(indexer);
    }
    if (!is_behind) {
        indexer->followed = now;
        indexer->quiet_turns = 0;
    }
}

static void *keep(void *context) {
    struct search_indexer *indexer = context;
    while (!sleep_a_turn(indexer)) {
        take_turn(indexer);
    }
    return NULL;
}

static void free_indexer(struct search_indexer *indexer) {
    pthread_cond_destroy(&indexer->stopping);
    pthread_mutex_destroy(&indexer->lock);
    free(indexer);
}

enum status search_indexer_start(struct store *store, struct index *index,
                                 const struct log_sink *log, struct search_indexer **ret_indexer,
                                 struct error *err) {
    struct search_indexer *indexer = calloc(1, sizeof *indexer);
    if (!indexer) {
        return fail_no_memory(err);
    }
    indexer->store = store;
    indexer->index = index;
    indexer->log = log;
    pthread_mutex_init(&indexer->lock, NULL);
    pthread_cond_init(&indexer->stopping, NULL);
    if (pthread_create(&indexer->thread, NULL, keep, indexer)) {
        free_indexer(indexer);
        return fail(err, STATUS_INTERNAL, NULL,
                    "The thread that keeps search up to date cannot start");
    }
    *ret_indexer = indexer;
    return STATUS_OK;
}

void search_indexer_stop(struct search_indexer *indexer) {
    if (!indexer) {
        return;
    }
    pthread_mutex_lock(&indexer->lock);
    indexer->stop = true;
    pthread_cond_signal(&indexer->stopping);
    pthread_mutex_unlock(&indexer->lock);
    pthread_join(indexer->thread, NULL);
    free_indexer(indexer);
}
