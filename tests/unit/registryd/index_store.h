// SPDX-License-Identifier: MIT
// A store made of a few variables, which stands in for store_*.c at link time: what happens between a database's
// answers cannot be arranged with a real one. A package is a number of releases "1.0", "2.0", …; the newest is in
// all its groups. And an index on it.
#pragma once

#include "tests/unit/no_holds.h"
#include "registryd/index/index.h"

#include "registryd/store/store_candidates.h"
#include "registryd/store/store_environments.h"
#include "tests/unit/registryd/fake_lock.h"
#include "tests/unit/registryd/store_without_marks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { MAX_CHANGES = 4096, MAX_GROUPS = 3, WAIT_MS = 20000, ANY_READS = 1 << 30 };

struct store {
    pthread_mutex_t lock;
    bool away;
    int reads_left; // then it is away
    char epoch[EPOCH_SIZE];
    int64_t epoch_number; // 0: of a time before there were numbers
    int64_t serial;
    struct {
        const char *package;
        const char *groups[MAX_GROUPS]; // of the release that this change published
    } changes[MAX_CHANGES + 1];         // by serial
    int loads;                          // of candidates
    int pause_us;                       // between reading and answering
    int notify_fd;
};

static struct store store;

static void begin_store(void) {
    memset(&store, 0, sizeof store);
    pthread_mutex_init(&store.lock, NULL);
    strcpy(store.epoch, "first");
    store.reads_left = ANY_READS;
    store.notify_fd = eventfd(0, EFD_NONBLOCK);
}

// Under its lock: whether it does not answer this question.
static bool is_away(struct store *from) {
    from->away = from->away || !from->reads_left;
    from->reads_left -= !from->away;
    return from->away;
}

static int64_t publish(const char *package, const char *group, const char *other_group) {
    pthread_mutex_lock(&store.lock);
    int64_t serial = ++store.serial;
    store.changes[serial].package = package;
    store.changes[serial].groups[0] = group;
    store.changes[serial].groups[1] = other_group;
    pthread_mutex_unlock(&store.lock);
    eventfd_write(store.notify_fd, 1);
    return serial;
}

static void set_away(bool away) {
    pthread_mutex_lock(&store.lock);
    store.away = away;
    pthread_mutex_unlock(&store.lock);
    eventfd_write(store.notify_fd, 1);
}

static bool is_in(int64_t serial, const char *group) {
    for (int i = 0; i < MAX_GROUPS && group; i++) {
        const char *one = store.changes[serial].groups[i];
        if (one && strcmp(one, group) == 0) {
            return true;
        }
    }
    return false;
}

static void fill_release(struct arena *arena, struct candidate_release *release, int64_t serial) {
    release->version = arena_printf(arena, "%lld.0", (long long)serial);
    release->entries = arena_array(arena, MAX_GROUPS, sizeof *release->entries);
    for (int i = 0; i < MAX_GROUPS && store.changes[serial].groups[i]; i++) {
        release->entries[release->entry_count++] =
            (struct candidate_entry){store.changes[serial].groups[i], "main", "module:attr", NULL};
    }
}

// The package with all its releases up to now, if any is in the group.
static bool fill_package(struct arena *arena, struct candidate_package *package, const char *name,
                         const char *group) {
    bool belongs = false;
    *package = (struct candidate_package){
        .name = arena_strdup(arena, name), .display_name = name, .status = "active"};
    package->releases =
        arena_array(arena, (size_t)store.serial + 1, sizeof(struct candidate_release));
    for (int64_t serial = store.serial; serial > 0; serial--) {
        if (strcmp(store.changes[serial].package, name) == 0) {
            fill_release(arena, &package->releases[package->release_count++], serial);
            belongs = belongs || !*group || is_in(serial, group);
        }
    }
    return belongs;
}

enum status store_candidates_load(struct store *from, struct arena *arena,
                                  const struct candidate_query *query,
                                  struct candidates *ret_candidates, struct error *err) {
    static const char *const packages[] = {"alpha", "beta"};
    pthread_mutex_lock(&from->lock);
    bool away = is_away(from);
    struct candidates found = {.packages = arena_array(arena, 2, sizeof *found.packages)};
    for (size_t i = 0; i < 2; i++) {
        if ((!query->package || strcmp(query->package, packages[i]) == 0) &&
            fill_package(arena, &found.packages[found.count], packages[i], query->group)) {
            found.count++;
        }
    }
    strcpy(found.point.epoch, from->epoch);
    found.point.epoch_number = from->epoch_number;
    found.point.serial = from->serial;
    from->loads++;
    int pause_us = from->pause_us;
    pthread_mutex_unlock(&from->lock);
    if (pause_us) {
        usleep((useconds_t)pause_us);
    }
    if (away) {
        return (fail)(err, STATUS_UNAVAILABLE, NULL, "away");
    }
    *ret_candidates = found;
    return STATUS_OK;
}

enum status store_conflicts_load(struct store *from, struct arena *arena,
                                 struct conflict_rows *ret_rows, struct error *err) {
    (void)from;
    (void)arena;
    (void)err;
    *ret_rows = (struct conflict_rows){0};
    return STATUS_OK;
}

enum status store_environment_load(struct store *from, struct arena *arena, const char *name,
                                   int64_t revision, struct environment_detail *ret_detail,
                                   struct error *err) {
    (void)arena;
    (void)revision;
    if (strcmp(name, ENVIRONMENT_DEFAULT) != 0) {
        return (fail)(err, STATUS_NOT_FOUND, NULL, "none");
    }
    pthread_mutex_lock(&from->lock);
    bool away = is_away(from);
    pthread_mutex_unlock(&from->lock);
    if (away) {
        return (fail)(err, STATUS_UNAVAILABLE, NULL, "away");
    }
    *ret_detail = (struct environment_detail){.environment = {.name = ENVIRONMENT_DEFAULT}};
    return STATUS_OK;
}

enum status store_changes_load(struct store *from, struct arena *arena, int64_t since, int limit,
                               struct changes *ret_changes, struct error *err) {
    pthread_mutex_lock(&from->lock);
    struct changes found = {.items = arena_array(arena, (size_t)limit, sizeof *found.items)};
    for (int64_t serial = since + 1; serial <= from->serial && (int)found.count < limit; serial++) {
        struct change *change = &found.items[found.count++];
        *change = (struct change){.serial = serial, .kind = "publish"};
        change->package = from->changes[serial].package;
        change->groups.items = from->changes[serial].groups;
        change->groups.count = from->changes[serial].groups[1] ? 2 : 1;
    }
    strcpy(found.point.epoch, from->epoch);
    found.point.epoch_number = from->epoch_number;
    found.point.serial = from->serial;
    bool away = is_away(from);
    pthread_mutex_unlock(&from->lock);
    if (away) {
        return (fail)(err, STATUS_UNAVAILABLE, NULL, "away");
    }
    *ret_changes = found;
    return STATUS_OK;
}

struct listener {
    struct store *store;
};

enum status store_listener_open(struct store *from, struct listener **ret_listener,
                                struct error *err) {
    pthread_mutex_lock(&from->lock);
    bool away = is_away(from);
    pthread_mutex_unlock(&from->lock);
    struct listener *listener = away ? NULL : calloc(1, sizeof *listener);
    if (!listener) {
        return (fail)(err, STATUS_UNAVAILABLE, NULL, "away");
    }
    listener->store = from;
    *ret_listener = listener;
    return STATUS_OK;
}

enum status store_listener_wait(struct listener *listener, int timeout_ms, int wake_fd,
                                bool *ret_notified, struct error *err) {
    (void)err;
    struct pollfd fds[] = {{.fd = listener->store->notify_fd, .events = POLLIN},
                           {.fd = wake_fd, .events = POLLIN}};
    poll(fds, 2, timeout_ms);
    eventfd_t count;
    *ret_notified = eventfd_read(listener->store->notify_fd, &count) == 0;
    return STATUS_OK;
}

void store_listener_close(struct listener *listener) {
    free(listener);
}

// ---- an index on it ----

static struct index *begin_index(bool follows) {
    begin_store();
    struct index_settings settings = {.store = &store, .cache_bytes = 1 << 20};
    struct index *index = NULL;
    assert_int_equal(index_new(&settings, &index, NULL), STATUS_OK);
    if (follows) {
        assert_int_equal(index_feed_start(index, NULL), STATUS_OK);
    }
    return index;
}

static void end_index(struct index *index) {
    index_free(index);
    close(store.notify_fd);
    pthread_mutex_destroy(&store.lock);
}

static void wait_following(struct index *index, bool following) {
    for (int i = 0; i < WAIT_MS && index_is_following(index) != following; i++) {
        usleep(1000);
    }
    assert_int_equal(index_is_following(index), following);
}

// NULL on any failure: this runs in threads too, where cmocka cannot be told.
static const struct answer *resolve(struct index *index, const char *group, const char *other) {
    const char *groups[] = {group, other};
    struct resolve_query query = {.groups = groups, .group_count = other ? 2 : 1};
    const struct answer *answer = NULL;
    return index_resolve(index, &query, &answer, NULL) ? NULL : answer;
}

// The version of the n-th record in an answer; 0 when there are fewer, -1 without an answer.
static int64_t version_in(const struct answer *answer, int n) {
    if (!answer) {
        return -1;
    }
    const char *at = answer->body;
    for (int i = 0; i <= n && at; i++) {
        at = strstr(at + (i > 0), "\"version\":\"");
    }
    return at ? strtoll(at + strlen("\"version\":\""), NULL, 10) : 0;
}

static int64_t version_of(struct index *index, const char *group) {
    const struct answer *answer = resolve(index, group, NULL);
    int64_t version = version_in(answer, 0);
    answer_unref(answer);
    return version;
}
