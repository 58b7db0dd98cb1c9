// SPDX-License-Identifier: MIT
// The rows are the keys that hold something now: few, and looked through in order. Workers call this at
// the begin and the end of a request that takes something, never for a small one.
#include "registryd/access/shares.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct client_share {
    uint64_t key; // of the client
    size_t used;  // places or bytes
};

struct shares {
    pthread_mutex_t lock;
    pthread_cond_t given; // something was given back
    size_t used;          // by all
    size_t size;          // of the whole
    size_t count;
    // The first `count` rows are in use, in no order. A row without `used` is removed at once.
    struct client_share rows[];
};

struct shares *shares_new(size_t keys) {
    struct shares *shares = calloc(1, sizeof *shares + keys * sizeof *shares->rows);
    if (shares) {
        shares->size = keys;
        pthread_mutex_init(&shares->lock, NULL);
        pthread_cond_init(&shares->given, NULL);
    }
    return shares;
}

void shares_free(struct shares *shares) {
    if (shares) {
        pthread_cond_destroy(&shares->given);
        pthread_mutex_destroy(&shares->lock);
        free(shares);
    }
}

static struct client_share *find(struct shares *shares, uint64_t key) {
    for (size_t i = 0; i < shares->count; i++) {
        if (shares->rows[i].key == key) {
            return &shares->rows[i];
        }
    }
    return NULL;
}

// The bounds are compared by subtraction, since a sum with a huge amount could overflow.
static enum share_outcome try_taking(struct shares *shares, const struct share_request *request) {
    struct client_share *row = find(shares, request->key);
    if (row && (row->used >= request->key_max || request->amount > request->key_max - row->used)) {
        return SHARE_KEY_FULL;
    }
    bool is_full = shares->used && (shares->used >= request->all_max ||
                                    request->amount > request->all_max - shares->used);
    if (is_full || (!row && shares->count == shares->size)) {
        return SHARE_ALL_FULL;
    }
    if (!row) {
        row = &shares->rows[shares->count++];
        *row = (struct client_share){.key = request->key};
    }
    row->used += request->amount;
    shares->used += request->amount;
    return SHARE_TAKEN;
}

enum share_outcome shares_take(struct shares *shares, const struct share_request *request) {
    if (!shares || !request->amount) {
        return SHARE_TAKEN;
    }
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += request->wait_ms / 1000;
    until.tv_nsec += request->wait_ms % 1000 * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    pthread_mutex_lock(&shares->lock);
    // After the deadline the bounds are looked at once more. A share may have come back at that
    // moment.
    int waited = request->wait_ms > 0 ? 0 : ETIMEDOUT;
    enum share_outcome outcome = try_taking(shares, request);
    while (outcome != SHARE_TAKEN && waited != ETIMEDOUT) {
        waited = pthread_cond_clockwait(&shares->given, &shares->lock, CLOCK_MONOTONIC, &until);
        outcome = try_taking(shares, request);
    }
    pthread_mutex_unlock(&shares->lock);
    return outcome;
}

void shares_give(struct shares *shares, uint64_t key, size_t amount) {
    if (!shares || !amount) {
        return;
    }
    pthread_mutex_lock(&shares->lock);
    struct client_share *row = find(shares, key);
    if (row) {
        row->used -= amount;
        shares->used -= amount;
        if (!row->used) {
            // The last row moves into the gap.
            *row = shares->rows[--shares->count];
        }
    }
    // All waiters are woken. They want different amounts, so a single one might be the one that
    // does not fit.
    pthread_cond_broadcast(&shares->given);
    pthread_mutex_unlock(&shares->lock);
}

size_t shares_used(struct shares *shares) {
    pthread_mutex_lock(&shares->lock);
    size_t used = shares->used;
    pthread_mutex_unlock(&shares->lock);
    return used;
}
