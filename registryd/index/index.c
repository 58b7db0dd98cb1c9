// SPDX-License-Identifier: MIT
// The index itself: its life, where it stands, and answering a question. The usual case is a look-up
// of the canonical question in the cache under the lock, and a reference.
#include "registryd/index/index.h"

#include "registryd/index/feed.h"
#include "registryd/index/group_load.h"
#include "registryd/index/resolution.h"
#include "schema/base/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>

enum { MAX_KEY_BYTES = 64 * 1024 };

CLEANUP_DEFINE(struct arena *, cleanup_arena, arena_free)

static void cleanup_buffer(struct buffer *buffer) {
    buffer_done(buffer);
}

static void init_condition(pthread_cond_t *condition) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

enum status index_new(const struct index_settings *settings, struct index **ret_index,
                      struct error *err) {
    struct index *index = calloc(1, sizeof *index);
    if (!index) {
        return fail_no_memory(err);
    }
    index->store = settings->store;
    index->log = settings->log;
    index->wake_fd = -1;
    pthread_mutex_init(&index->lock, NULL);
    pthread_mutex_init(&index->applying, NULL);
    init_condition(&index->moved);
    init_condition(&index->loaded);
    enum status status = answer_cache_new(settings->cache_bytes, &index->cache, err);
    if (!status) {
        status = group_map_new(index->cache, &index->groups, err);
    }
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
    index_feed_stop(index);
    group_map_free(index->groups);
    answer_cache_free(index->cache);
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

int64_t index_now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool index_wait_on(struct index *index, pthread_cond_t *condition, int64_t deadline_ms) {
    struct timespec until = {.tv_sec = deadline_ms / 1000,
                             .tv_nsec = (long)(deadline_ms % 1000) * 1000000};
    return pthread_cond_timedwait(condition, &index->lock, &until) != ETIMEDOUT;
}

bool index_wait(struct index *index, int64_t serial, int timeout_ms) {
    int64_t deadline_ms = index_now_ms() + timeout_ms;
    pthread_mutex_lock(&index->lock);
    bool in_time = true;
    while (index->point.serial < serial && index->running && in_time) {
        in_time = index_wait_on(index, &index->moved, deadline_ms);
    }
    bool is_applied = index->point.serial >= serial;
    pthread_mutex_unlock(&index->lock);
    return is_applied;
}

// The canonical text of a question. Groups hold no line feeds, and neither does a version that was
// ever answered.
static void write_key(const struct resolve_query *query, struct buffer *key) {
    buffer_printf(key, "%d%d%s", query->prereleases, query->explain,
                  query->python ? query->python : "");
    for (size_t i = 0; i < query->group_count; i++) {
        buffer_add_string(key, "\n");
        buffer_add_string(key, query->groups[i]);
    }
}

static const struct answer *find_answer(struct index *index, const struct buffer *key) {
    pthread_mutex_lock(&index->lock);
    const struct answer *answer = answer_cache_find(index->cache, key->ptr, key->len);
    pthread_mutex_unlock(&index->lock);
    return answer;
}

// What an answer is made from, and where it then hangs.
struct sources {
    struct group_table **tables;
    struct answer_links **links;
    size_t count;
};

static bool sources_init(struct sources *sources, struct arena *arena, size_t count) {
    sources->count = count;
    sources->tables = arena_array(arena, count + 1, sizeof(struct group_table *));
    sources->links = arena_array(arena, count + 1, sizeof(struct answer_links *));
    return sources->tables && sources->links;
}

// Under the lock: finds the lists of the groups; false when a table has changed since.
static bool find_links(struct index *index, const struct sources *sources) {
    for (size_t i = 0; i < sources->count; i++) {
        struct group *group = group_map_find(index->groups, sources->tables[i]->group);
        if (!group || group->table != sources->tables[i]) {
            return false;
        }
        sources->links[i] = &group->answers;
    }
    return true;
}

// Keeps an answer if what it was made from is still what the groups hold.
static void keep_answer(struct index *index, const struct buffer *key, const struct answer *answer,
                        const struct sources *sources) {
    pthread_mutex_lock(&index->lock);
    if (strcmp(index->point.epoch, answer->point.epoch) == 0 && find_links(index, sources)) {
        struct answer_cache_item item = {key->ptr, key->len, answer, sources->links,
                                         sources->count};
        answer_cache_add(index->cache, &item);
    }
    pthread_mutex_unlock(&index->lock);
}

static enum status make_answer(struct index *index, const struct resolve_query *query,
                               const struct buffer *key, struct answer **ret_answer,
                               struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct sources sources;
    if (!arena || !sources_init(&sources, arena, query->group_count)) {
        return fail_no_memory(err);
    }
    struct history_point point;
    index_point(index, &point);
    enum status status = group_load(index, query->groups, query->group_count, sources.tables, err);
    if (status) {
        return status;
    }
    status = resolution_encode(query, sources.tables, &point, ret_answer, err);
    if (!status) {
        keep_answer(index, key, *ret_answer, &sources);
    }
    for (size_t i = 0; i < sources.count; i++) {
        group_table_unref(sources.tables[i]);
    }
    return status;
}

enum status index_resolve(struct index *index, const struct resolve_query *query,
                          const struct answer **ret_answer, struct error *err) {
    scoped(cleanup_buffer) struct buffer key;
    buffer_init(&key, MAX_KEY_BYTES);
    write_key(query, &key);
    if (key.failed) {
        return key.failed == STATUS_TOO_LARGE ? fail(err, STATUS_TOO_LARGE, NULL,
                                                     "The question is over %d bytes", MAX_KEY_BYTES)
                                              : fail_no_memory(err);
    }
    const struct answer *kept = find_answer(index, &key);
    if (kept) {
        *ret_answer = kept;
        return STATUS_OK;
    }
    struct answer *answer = NULL;
    enum status status = make_answer(index, query, &key, &answer, err);
    if (!status) {
        *ret_answer = answer;
    }
    return status;
}
