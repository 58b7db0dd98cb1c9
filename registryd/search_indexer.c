// SPDX-License-Identifier: MIT
// One thread that mostly sleeps. Failures need no word here: the database's are told by the feed.
#include "registryd/search_indexer.h"

#include "registryd/store/store_search.h"
#include "schema/base/cleanup.h"

#include <errno.h>
#include <pthread.h>

enum { TURN_MS = 1000 };

struct catalogue_keeper {
    struct store *store;
    struct index *index;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stopping;
    bool stop;
    struct history_point followed;
};

// True when it is time to stop.
static bool sleep_a_turn(struct catalogue_keeper *keeper) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until); // nobody sets it
    until.tv_sec += TURN_MS / 1000;
    pthread_mutex_lock(&keeper->lock);
    int waited = 0;
    while (!keeper->stop && waited != ETIMEDOUT) {
        waited = pthread_cond_clockwait(&keeper->stopping, &keeper->lock, CLOCK_MONOTONIC, &until);
    }
    bool stop = keeper->stop;
    pthread_mutex_unlock(&keeper->lock);
    return stop;
}

static bool is_asked_to_stop(struct catalogue_keeper *keeper) {
    pthread_mutex_lock(&keeper->lock);
    bool stop = keeper->stop;
    pthread_mutex_unlock(&keeper->lock);
    return stop;
}

static void take_turn(struct catalogue_keeper *keeper) {
    struct history_point now;
    struct error ignored;
    index_point(keeper->index, &now);
    if (now.serial == keeper->followed.serial && strcmp(now.epoch, keeper->followed.epoch) == 0) {
        return;
    }
    bool behind = true;
    enum status status = STATUS_OK;
    while (!status && behind && !is_asked_to_stop(keeper)) {
        status = store_packages_follow(keeper->store, &behind, &ignored);
    }
    if (!status && !behind) {
        keeper->followed = now;
    }
}

static void *keep(void *context) {
    struct catalogue_keeper *keeper = context;
    while (!sleep_a_turn(keeper)) {
        take_turn(keeper);
    }
    return NULL;
}

static void free_keeper(struct catalogue_keeper *keeper) {
    pthread_cond_destroy(&keeper->stopping);
    pthread_mutex_destroy(&keeper->lock);
    free(keeper);
}

enum status catalogue_keeper_start(struct store *store, struct index *index,
                                   struct catalogue_keeper **ret_keeper, struct error *err) {
    struct catalogue_keeper *keeper = calloc(1, sizeof *keeper);
    if (!keeper) {
        return fail_no_memory(err);
    }
    keeper->store = store;
    keeper->index = index;
    pthread_mutex_init(&keeper->lock, NULL);
    pthread_cond_init(&keeper->stopping, NULL);
    if (pthread_create(&keeper->thread, NULL, keep, keeper)) {
        free_keeper(keeper);
        return fail(err, STATUS_INTERNAL, NULL, "Cannot start the thread that keeps search");
    }
    *ret_keeper = keeper;
    return STATUS_OK;
}

void catalogue_keeper_stop(struct catalogue_keeper *keeper) {
    if (!keeper) {
        return;
    }
    pthread_mutex_lock(&keeper->lock);
    keeper->stop = true;
    pthread_cond_signal(&keeper->stopping);
    pthread_mutex_unlock(&keeper->lock);
    pthread_join(keeper->thread, NULL);
    free_keeper(keeper);
}
