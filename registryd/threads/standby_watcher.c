// SPDX-License-Identifier: MIT
// A loop of looking and sleeping; what is looked at and logged is in store_standby_check. The pause is what a read
// may meet a lost standby for: such a read fails there, and is then done on the primary.
#include "registryd/threads/standby_watcher.h"

#include "schema/base/clock.h"

#include <pthread.h>
#include <stdlib.h>

enum { TURN_MS = 500 };

struct standby_watcher {
    struct store *store;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stopping; // wakes it from its pause
    bool stop;               // under the lock
};

// True when it is time to stop.
static bool sleep_a_turn(struct standby_watcher *watcher) {
    int64_t deadline_ms = monotonic_ms() + TURN_MS;
    pthread_mutex_lock(&watcher->lock);
    while (!watcher->stop && monotonic_wait(&watcher->stopping, &watcher->lock, deadline_ms)) {
    }
    bool stop = watcher->stop;
    pthread_mutex_unlock(&watcher->lock);
    return stop;
}

static void *watch(void *context) {
    struct standby_watcher *watcher = context;
    do {
        store_standby_check(watcher->store);
    } while (!sleep_a_turn(watcher));
    return NULL;
}

static void free_watcher(struct standby_watcher *watcher) {
    pthread_cond_destroy(&watcher->stopping);
    pthread_mutex_destroy(&watcher->lock);
    free(watcher);
}

enum status standby_watcher_start(struct store *store, struct standby_watcher **ret_watcher,
                                  struct error *err) {
    struct standby_watcher *watcher = calloc(1, sizeof *watcher);
    if (!watcher) {
        return fail_no_memory(err);
    }
    watcher->store = store;
    pthread_mutex_init(&watcher->lock, NULL);
    pthread_cond_init(&watcher->stopping, NULL);
    if (pthread_create(&watcher->thread, NULL, watch, watcher)) {
        free_watcher(watcher);
        return fail(err, STATUS_INTERNAL, NULL, "The thread that watches the standby cannot start");
    }
    *ret_watcher = watcher;
    return STATUS_OK;
}

void standby_watcher_stop(struct standby_watcher *watcher) {
    if (!watcher) {
        return;
    }
    pthread_mutex_lock(&watcher->lock);
    watcher->stop = true;
    pthread_cond_signal(&watcher->stopping);
    pthread_mutex_unlock(&watcher->lock);
    pthread_join(watcher->thread, NULL);
    free_watcher(watcher);
}
