// SPDX-License-Identifier: MIT
// Places under one lock. The store counts as failing for a second after a call that failed in spite of its repetitions.
// In that second a call is refused at once, except one: it finds out whether the store is back.
#include "registryd/object_store/object_gate.h"

#include "schema/base/clock.h"

#include <pthread.h>
#include <stdlib.h>

enum {
    PLACE_WAIT_MS = 2000, // for a place while the store answers
    FAILING_MS = 1000,
};

struct object_gate {
    int calls_max;
    pthread_mutex_t lock; // of all that follows
    pthread_cond_t left;
    int calls;         // in progress
    int64_t failed_ms; // monotonic; when the last call failed; 0 = the last one did not
    struct object_gate_counts counts;
};

struct object_gate *object_gate_new(int calls_max) {
    struct object_gate *gate = calloc(1, sizeof *gate);
    if (gate) {
        gate->calls_max = calls_max;
        pthread_mutex_init(&gate->lock, NULL);
        pthread_cond_init(&gate->left, NULL);
    }
    return gate;
}

void object_gate_free(struct object_gate *gate) {
    if (gate) {
        pthread_cond_destroy(&gate->left);
        pthread_mutex_destroy(&gate->lock);
        free(gate);
    }
}

// Under the lock.
static bool may_enter(const struct object_gate *gate) {
    bool is_failing = gate->failed_ms && monotonic_ms() < gate->failed_ms + FAILING_MS;
    return gate->calls < (is_failing ? 1 : gate->calls_max);
}

enum status object_gate_enter(struct object_gate *gate, struct error *err) {
    int64_t deadline_ms = monotonic_ms() + PLACE_WAIT_MS;
    pthread_mutex_lock(&gate->lock);
    bool is_waiting = true;
    while (!may_enter(gate) && !gate->failed_ms && is_waiting) {
        is_waiting = monotonic_wait(&gate->left, &gate->lock, deadline_ms);
    }
    bool is_in = may_enter(gate);
    gate->calls += is_in;
    gate->counts.calls++;
    gate->counts.failures += !is_in;
    pthread_mutex_unlock(&gate->lock);
    return is_in ? STATUS_OK
                 : fail(err, STATUS_UNAVAILABLE, NULL,
                        "The store of files cannot be reached. Retry the request");
}

void object_gate_leave(struct object_gate *gate, bool has_answered) {
    pthread_mutex_lock(&gate->lock);
    gate->calls--;
    gate->counts.failures += !has_answered;
    gate->failed_ms = has_answered ? 0 : monotonic_ms();
    // A failure wakes all who wait: they need not wait any longer.
    if (has_answered) {
        pthread_cond_signal(&gate->left);
    } else {
        pthread_cond_broadcast(&gate->left);
    }
    pthread_mutex_unlock(&gate->lock);
}

void object_gate_counts(struct object_gate *gate, struct object_gate_counts *ret_counts) {
    pthread_mutex_lock(&gate->lock);
    *ret_counts = gate->counts;
    pthread_mutex_unlock(&gate->lock);
}
