// SPDX-License-Identifier: MIT
// A look every minute, or more often when objects are given up sooner. Every daemon of a database looks; the statement
// gives each object to one of them. Failures are quiet: the object store has its own line in the log, and the database's
// absence shows elsewhere.
#include "registryd/threads/file_collector.h"

#include "schema/base/cleanup.h"
#include "schema/base/clock.h"

#include <pthread.h>
#include <stdlib.h>

struct file_collector {
    struct store *store;
    const struct log_sink *log;
    int64_t turn_ms;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stopping; // wakes it from its pause
    bool stop;               // under the lock
};

// True when it is time to stop.
static bool sleep_a_turn(struct file_collector *collector) {
    int64_t deadline_ms = monotonic_ms() + collector->turn_ms;
    pthread_mutex_lock(&collector->lock);
    while (!collector->stop &&
           monotonic_wait(&collector->stopping, &collector->lock, deadline_ms)) {
    }
    bool stop = collector->stop;
    pthread_mutex_unlock(&collector->lock);
    return stop;
}

static void *collect(void *context) {
    struct file_collector *collector = context;
    while (!sleep_a_turn(collector)) {
        struct error err;
        int removed = 0;
        if (!store_objects_collect(collector->store, &removed, &err) && removed) {
            log_event(collector->log, LOG_LEVEL_INFO, "event=objects-collected count=%d", removed);
        }
    }
    return NULL;
}

static void free_collector(struct file_collector *collector) {
    pthread_cond_destroy(&collector->stopping);
    pthread_mutex_destroy(&collector->lock);
    free(collector);
}

enum status file_collector_start(struct store *store, int turn_seconds, const struct log_sink *log,
                                 struct file_collector **ret_collector, struct error *err) {
    struct file_collector *collector = calloc(1, sizeof *collector);
    if (!collector) {
        return fail_no_memory(err);
    }
    collector->store = store;
    collector->log = log;
    collector->turn_ms = (int64_t)turn_seconds * 1000;
    pthread_mutex_init(&collector->lock, NULL);
    pthread_cond_init(&collector->stopping, NULL);
    if (pthread_create(&collector->thread, NULL, collect, collector)) {
        free_collector(collector);
        return fail(err, STATUS_INTERNAL, NULL, "The thread that removes objects cannot start");
    }
    *ret_collector = collector;
    return STATUS_OK;
}

void file_collector_stop(struct file_collector *collector) {
    if (!collector) {
        return;
    }
    pthread_mutex_lock(&collector->lock);
    collector->stop = true;
    pthread_cond_signal(&collector->stopping);
    pthread_mutex_unlock(&collector->lock);
    pthread_join(collector->thread, NULL);
    free_collector(collector);
}
