// SPDX-License-Identifier: MIT
// The list is short (a question that takes long is the exception), so it is walked. Everything here happens
// under the index's lock; the making itself does not. Askers' threads call it.
#include "registryd/index/making.h"

#include "registryd/index/answer_cache.h"

#include <stdlib.h>
#include <string.h>

// Longer than the longest load of a group: who waits so long has a daemon in trouble.
enum { WAIT_MS = 30000 };

enum { LARGE_PACKAGES = 10000, LARGE_AT_ONCE = 4 };

static bool is_same(const struct making *making, const struct asked *asked) {
    return making->key_len == asked->key_len &&
           memcmp(making->key, asked->key, asked->key_len) == 0;
}

static struct making *find(const struct index *index, const struct asked *asked) {
    struct making *making = index->makings;
    while (making && !is_same(making, asked)) {
        making = making->next;
    }
    return making;
}

// The key is borrowed: the asker that makes the answer keeps its question until making_end.
static struct making *add(struct index *index, const struct asked *asked) {
    struct making *making = calloc(1, sizeof *making);
    if (making) {
        *making = (struct making){.next = index->makings,
                                  .key = asked->key,
                                  .key_len = asked->key_len,
                                  .point = index->point,
                                  .references = 1};
        index->makings = making;
    }
    return making;
}

// Called under the lock, so a plain counter is enough.
static void unref(struct making *making) {
    if (!--making->references) {
        answer_unref(making->answer);
        free(making);
    }
}

static bool is_recent_enough(const struct making *making, const struct history_point *known) {
    return strcmp(making->point.epoch, known->epoch) == 0 && making->point.serial >= known->serial;
}

// Waits for another's answer. Neither an answer nor a failure: it was of an older state.
static enum status await(struct index *index, struct making *making,
                         const struct history_point *known, const struct answer **ret_answer,
                         struct error *err) {
    int64_t deadline_ms = monotonic_ms() + WAIT_MS;
    bool in_time = true;
    while (!making->is_done && in_time) {
        in_time = index_wait_on(index, &index->made, deadline_ms);
    }
    if (!making->is_done) {
        return fail(err, STATUS_UNAVAILABLE, NULL, "The answer takes too long to make. Try again");
    }
    if (!is_recent_enough(making, known)) {
        return STATUS_OK;
    }
    if (making->status) {
        return fail(err, making->status, making->err.where, "%s", making->err.message);
    }
    *ret_answer = answer_ref(making->answer);
    return STATUS_OK;
}

// Gives one of three: a making, when the caller must make the answer; the answer of another maker; or
// neither, when that answer is too old for this request and the caller looks again.
enum status making_begin(struct index *index, const struct asked *asked, struct making **ret_making,
                         const struct answer **ret_answer, struct error *err) {
    enum status status = STATUS_OK;
    pthread_mutex_lock(&index->lock);
    struct making *making = find(index, asked);
    if (making) {
        making->references++;
        status = await(index, making, &asked->known, ret_answer, err);
        unref(making);
    } else {
        *ret_making = add(index, asked);
        status = *ret_making ? STATUS_OK : fail_no_memory(err);
    }
    pthread_mutex_unlock(&index->lock);
    return status;
}

static void leave_list(struct index *index, const struct making *making) {
    struct making **at = &index->makings;
    while (*at != making) {
        at = &(*at)->next;
    }
    *at = making->next;
}

// Those that wait get the same answer or the same failure. The making lives until the last of them has it.
void making_end(struct index *index, struct making *making, enum status status,
                const struct error *err, const struct answer *answer) {
    pthread_mutex_lock(&index->lock);
    leave_list(index, making);
    making->is_done = true;
    making->status = status;
    if (status) {
        making->err = *err;
    } else {
        making->answer = answer_ref(answer);
    }
    pthread_cond_broadcast(&index->made);
    unref(making);
    pthread_mutex_unlock(&index->lock);
}

// Large answers take much memory while they are made, so only a few are made at once. Small ones never wait.
enum status making_place_begin(struct making_place *place, size_t packages, struct error *err) {
    struct index *index = place->index;
    if (packages < LARGE_PACKAGES) {
        return STATUS_OK;
    }
    int64_t deadline_ms = monotonic_ms() + WAIT_MS;
    bool in_time = true;
    pthread_mutex_lock(&index->lock);
    while (index->large_makings >= LARGE_AT_ONCE && in_time) {
        in_time = index_wait_on(index, &index->place_free, deadline_ms);
    }
    place->is_held = index->large_makings < LARGE_AT_ONCE;
    index->large_makings += place->is_held;
    pthread_mutex_unlock(&index->lock);
    return place->is_held ? STATUS_OK
                          : fail(err, STATUS_UNAVAILABLE, NULL,
                                 "Too many large answers are being made. Try again");
}

void making_place_end(struct making_place *place) {
    struct index *index = place->index;
    if (!place->is_held) {
        return;
    }
    pthread_mutex_lock(&index->lock);
    index->large_makings--;
    pthread_cond_signal(&index->place_free);
    pthread_mutex_unlock(&index->lock);
}
