// SPDX-License-Identifier: MIT
// The life of an index: made and freed by the daemon's main thread, which also starts and stops the feed's
// thread (feed.c). Askers' threads only read the point or wait for it here; waiting uses the condition `moved`,
// which every change of the point and the end of the feed signal. The table of locks is in index_state.h.
#include "registryd/index/index.h"

#include "registryd/index/feed.h"
#include "registryd/index/index_state.h"
#include "registryd/index/package_pages.h"
#include "schema/base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>

// Deadlines are of the monotonic clock (schema/base/clock.h). A change of the wall clock neither
// ends nor prolongs a wait.
static void init_condition(pthread_cond_t *condition) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

static enum status make_tables(struct index *index, const struct index_settings *settings,
                               struct error *err) {
    enum status status = answer_cache_new(settings->cache_bytes, &index->cache, err);
    if (status) {
        return status;
    }
    status = group_map_new(index->cache, &index->groups, err);
    if (status) {
        return status;
    }
    index->environments = environments_new(index->cache);
    index->pages = calloc(1, sizeof *index->pages);
    return index->environments && index->pages ? STATUS_OK : fail_no_memory(err);
}

enum status index_new(const struct index_settings *settings, struct index **ret_index,
                      struct error *err) {
    struct index *index = calloc(1, sizeof *index);
    if (!index) {
        return fail_no_memory(err);
    }
    index->store = settings->store;
    index->reading = settings->reading ? settings->reading : settings->store;
    index->log = settings->log;
    index->wake_fd = -1;
    // Locks and conditions come first, because index_free destroys them even when the tables fail.
    pthread_mutex_init(&index->lock, NULL);
    pthread_mutex_init(&index->applying, NULL);
    init_condition(&index->moved);
    init_condition(&index->loaded);
    init_condition(&index->made);
    init_condition(&index->place_free);
    enum status status = make_tables(index, settings, err);
    if (status) {
        index_free(index);
        return status;
    }
    *ret_index = index;
    return STATUS_OK;
}

void index_free(struct index *index) {
    if (!index) {
        return;
    }
    // The feed's thread uses all that follows, so it ends first.
    index_feed_stop(index);
    group_map_free(index->groups);
    environments_free(index->environments);
    contracts_unref(index->contracts);
    answer_cache_free(index->cache);
    free(index->pages); // after the answers that hang there
    pthread_cond_destroy(&index->place_free);
    pthread_cond_destroy(&index->made);
    pthread_cond_destroy(&index->loaded);
    pthread_cond_destroy(&index->moved);
    pthread_mutex_destroy(&index->applying);
    pthread_mutex_destroy(&index->lock);
    free(index);
}

enum status index_feed_start(struct index *index, struct error *err) {
    index->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (index->wake_fd < 0) {
        return fail(err, STATUS_INTERNAL, NULL, "eventfd: %s", strerror(errno));
    }
    index->running = true;
    int code = pthread_create(&index->thread, NULL, feed_run, index);
    if (code) {
        index->running = false;
        close(index->wake_fd);
        index->wake_fd = -1;
        return fail(err, STATUS_INTERNAL, NULL, "The feed's thread cannot start: %s",
                    strerror(code));
    }
    return STATUS_OK;
}

// Waiters are woken first: they would otherwise wait for a feed that does not come.
void index_feed_stop(struct index *index) {
    pthread_mutex_lock(&index->lock);
    bool was_running = index->running;
    index->running = false;
    pthread_cond_broadcast(&index->moved);
    pthread_mutex_unlock(&index->lock);
    if (was_running) {
        eventfd_write(index->wake_fd, 1);
        pthread_join(index->thread, NULL);
        close(index->wake_fd);
        index->wake_fd = -1;
    }
}

bool index_is_following(struct index *index) {
    pthread_mutex_lock(&index->lock);
    bool following = index->following;
    pthread_mutex_unlock(&index->lock);
    return following;
}

void index_point(struct index *index, struct history_point *ret_point) {
    pthread_mutex_lock(&index->lock);
    *ret_point = index->point;
    pthread_mutex_unlock(&index->lock);
}

void index_database_point_locked(const struct index *index, struct history_point *ret_point) {
    *ret_point = index->next.epoch[0] ? index->next : index->point;
}

void index_database_point(struct index *index, struct history_point *ret_point) {
    pthread_mutex_lock(&index->lock);
    index_database_point_locked(index, ret_point);
    pthread_mutex_unlock(&index->lock);
}

bool index_wait_on(struct index *index, pthread_cond_t *condition, int64_t deadline_ms) {
    return monotonic_wait(condition, &index->lock, deadline_ms);
}

void index_require(struct index *index, const struct history_point *point) {
    if (index->reading != index->store) {
        store_reading_require(index->reading, point);
    }
}

// Reads that follow show the change, though it may not be applied here yet.
bool index_wait_own(struct index *index, const struct history_point *point, int timeout_ms) {
    pthread_mutex_lock(&index->lock);
    index->own = history_point_is_later(point, &index->own) ? *point : index->own;
    pthread_mutex_unlock(&index->lock);
    index_require(index, point);
    return index_wait_point(index, point, timeout_ms);
}

void index_newest(struct index *index, struct history_point *ret_point) {
    pthread_mutex_lock(&index->lock);
    bool is_own_later = index->own.epoch[0] && history_point_is_later(&index->own, &index->point);
    *ret_point = is_own_later ? index->own : index->point;
    pthread_mutex_unlock(&index->lock);
}

bool index_has_reached(const struct index *index, const struct history_point *wanted) {
    const struct history_point *here = &index->point;
    bool has_numbers = here->epoch_number && wanted->epoch_number;
    if (has_numbers && here->epoch_number != wanted->epoch_number) {
        return here->epoch_number > wanted->epoch_number;
    }
    bool is_same_epoch = !wanted->epoch[0] || strcmp(here->epoch, wanted->epoch) == 0;
    return is_same_epoch && here->serial >= wanted->serial;
}

// A stopping daemon ends the wait at once: when `running` is false, no further change will come.
bool index_wait_point(struct index *index, const struct history_point *point, int timeout_ms) {
    int64_t deadline_ms = monotonic_ms() + timeout_ms;
    pthread_mutex_lock(&index->lock);
    bool in_time = true;
    while (!index_has_reached(index, point) && index->running && in_time) {
        in_time = index_wait_on(index, &index->moved, deadline_ms);
    }
    bool is_reached = index_has_reached(index, point);
    pthread_mutex_unlock(&index->lock);
    return is_reached;
}

bool index_wait(struct index *index, int64_t serial, int timeout_ms) {
    return index_wait_point(index, &(struct history_point){.serial = serial}, timeout_ms);
}
