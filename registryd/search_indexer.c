// SPDX-License-Identifier: MIT
// One thread that mostly sleeps. Failures need no word here: the database's are told by the feed.
#include "registryd/search_indexer.h"

#include "registryd/store/store_search.h"
#include "schema/base/clock.h"
#include "schema/base/cleanup.h"

#include <errno.h>
#include <pthread.h>

enum { TURN_MS = 1000 };

struct search_indexer {
    struct store *store;
    struct index *index;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stopping;
    bool stop;
    struct history_point followed;
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

static void take_turn(struct search_indexer *indexer) {
    struct history_point now;
    struct error ignored;
    index_point(indexer->index, &now);
    if (now.serial == indexer->followed.serial && strcmp(now.epoch, indexer->followed.epoch) == 0) {
        return;
    }
    bool behind = true;
    enum status status = STATUS_OK;
    while (!status && behind && !is_asked_to_stop(indexer)) {
        status = store_packages_follow(indexer->store, &behind, &ignored);
    }
    if (!status && !behind) {
        indexer->followed = now;
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
                                 struct search_indexer **ret_indexer, struct error *err) {
    struct search_indexer *indexer = calloc(1, sizeof *indexer);
    if (!indexer) {
        return fail_no_memory(err);
    }
    indexer->store = store;
    indexer->index = index;
    pthread_mutex_init(&indexer->lock, NULL);
    pthread_cond_init(&indexer->stopping, NULL);
    if (pthread_create(&indexer->thread, NULL, keep, indexer)) {
        free_indexer(indexer);
        return fail(err, STATUS_INTERNAL, NULL, "Cannot start the thread that keeps search");
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
