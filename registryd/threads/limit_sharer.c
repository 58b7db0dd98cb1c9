// SPDX-License-Identifier: MIT
// A loop: wait for keys that want shares, lease for all of them in one statement, hand the shares out, and pause, so
// that however many requests come the database is asked fifty times a second at most. A statement that fails ends
// sharing; the seed is then asked for once a second, and with its answer sharing begins again.
#include "registryd/threads/limit_sharer.h"

#include "registryd/store/store_access.h"
#include "schema/base/clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum {
    KEYS_MAX = STORE_LEASES_MAX, // in one statement
    WAIT_MS = 1000,              // for a key that wants shares
    PAUSE_MS = 20,               // between two statements
    AWAY_MS = 1000,              // until the database is tried again
    DENIED_US_MIN = 100000,      // a key that gets nothing asks ten times a second at most
};

struct limit_sharer {
    struct store *store;
    struct limits *limits;
    const struct log_sink *log;
    pthread_t thread;
    atomic_bool stop;
};

static void sleep_ms(int ms) {
    const struct timespec pause = {.tv_nsec = ms * 1000000L};
    nanosleep(&pause, NULL);
}

static void hand_out(struct limit_sharer *sharer, const struct limit_ask *asks, size_t count,
                     const struct store_lease *leases) {
    int64_t now_ns = limits_now_ns();
    for (size_t i = 0; i < count; i++) {
        int64_t wait_us = leases[i].wait_us > DENIED_US_MIN ? leases[i].wait_us : DENIED_US_MIN;
        const struct limit_grant grant = {leases[i].granted, wait_us};
        limits_grant(sharer->limits, &asks[i], &grant, now_ns);
    }
}

// What was taken to be reported goes back, or it would be lost.
static void take_back(struct limit_sharer *sharer, const struct limit_ask *asks, size_t count) {
    const struct limit_grant none = {-1, 0};
    for (size_t i = 0; i < count; i++) {
        limits_grant(sharer->limits, &asks[i], &none, limits_now_ns());
    }
}

static void note_lost(struct limit_sharer *sharer, const struct error *err) {
    limits_share(sharer->limits, false, limits_seed(sharer->limits));
    log_event(sharer->log, LOG_LEVEL_WARNING, "event=limits-alone code=%s detail=\"%s\"",
              status_info(err->status)->wire_name, err->message);
}

static void lease(struct limit_sharer *sharer) {
    struct limit_ask asks[KEYS_MAX];
    struct store_lease leases[KEYS_MAX];
    struct error err = {0};
    size_t count = limits_take_asks(sharer->limits, asks, KEYS_MAX, WAIT_MS);
    if (!count) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        leases[i] = (struct store_lease){
            .kind = asks[i].limit,
            .key = (int64_t)asks[i].key,
            .each_us = asks[i].each_us,
            .burst_us = asks[i].burst_us,
            .spent = asks[i].spent,
            .wanted = asks[i].wanted,
        };
    }
    if (store_limits_lease(sharer->store, leases, count, &err)) {
        take_back(sharer, asks, count);
        note_lost(sharer, &err);
        return;
    }
    hand_out(sharer, asks, count, leases);
    sleep_ms(PAUSE_MS);
}

// The keys are the same at all daemons from here on; buckets under other keys are forgotten.
static bool begin(struct limit_sharer *sharer) {
    int64_t seed = 0;
    struct error ignored;
    if (store_limits_seed_load(sharer->store, &seed, &ignored)) {
        return false;
    }
    limits_share(sharer->limits, true, (uint64_t)seed);
    log_event(sharer->log, LOG_LEVEL_INFO, "event=limits-shared");
    return true;
}

static void *share(void *context) {
    struct limit_sharer *sharer = context;
    while (!atomic_load(&sharer->stop)) {
        if (limits_is_sharing(sharer->limits)) {
            lease(sharer);
        } else if (!begin(sharer)) {
            limits_take_asks(sharer->limits, NULL, 0, AWAY_MS);
        }
    }
    return NULL;
}

enum status limit_sharer_start(struct store *store, struct limits *limits,
                               const struct log_sink *log, struct limit_sharer **ret_sharer,
                               struct error *err) {
    struct limit_sharer *sharer = calloc(1, sizeof *sharer);
    if (!sharer) {
        return fail_no_memory(err);
    }
    sharer->store = store;
    sharer->limits = limits;
    sharer->log = log;
    if (pthread_create(&sharer->thread, NULL, share, sharer)) {
        free(sharer);
        return fail(err, STATUS_INTERNAL, NULL, "The thread that shares limits cannot start");
    }
    *ret_sharer = sharer;
    return STATUS_OK;
}

void limit_sharer_stop(struct limit_sharer *sharer) {
    if (!sharer) {
        return;
    }
    atomic_store(&sharer->stop, true);
    limits_wake(sharer->limits);
    pthread_join(sharer->thread, NULL);
    free(sharer);
}
