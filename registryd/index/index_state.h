// SPDX-License-Identifier: MIT
// What the files of this folder share of an index, and who may hold which lock:
//
//     lock       guards                                       held by                            for
//     applying   that nobody applies changes meanwhile        the feed's thread; a loader that   database calls
//                                                             puts a group or settings in
//     lock       everything else in struct index              every thread                       a few pointers
//
// `applying` is taken before `lock`, never after it. No other lock is taken under either, except inside malloc.
#pragma once

#include "registryd/index/environments.h"
#include "registryd/index/group_map.h"
#include "registryd/tables/contracts_load.h"
#include "schema/base/clock.h"

#include <pthread.h>

struct index {
    struct store *store;        // borrowed
    struct store *reading;      // its handle for loads that a standby may answer; borrowed
    const struct log_sink *log; // borrowed

    pthread_mutex_t lock;
    pthread_cond_t moved;   // the point moved, or the feed stopped
    pthread_cond_t loaded;  // a group was loaded, or could not be
    pthread_cond_t made;    // an answer was made, or could not be
    struct making *makings; // what is being made now
    int large_makings;      // of them, those that hold a place (making_place_begin)
    pthread_cond_t place_free;
    struct answer_cache *cache;
    struct group_map *groups;
    struct page_slots *pages;
    struct environments *environments;
    struct contracts *contracts; // NULL = to be loaded
    uint64_t failed_loads;       // how often a group could not be loaded
    struct history_point point;  // the last change applied to every group in memory
    struct history_point own;    // the latest change made here; it may not be applied yet
    struct history_point
        next; // the database has this other history, which is not loaded yet; no epoch = none
    uint64_t histories; // how often another one took over
    bool running;       // the feed's thread lives
    bool following;     // it listens and has caught up
    int64_t known_ms;   // when it last knew of every change; 0 = never

    // Held from reading changes to applying them, and while what was loaded is brought up to date and put
    // in: so a change that comes after a load began is applied to what was loaded.
    pthread_mutex_t applying;
    pthread_t thread;
    int wake_fd; // readable when the feed must stop; -1 = none
};

// What is read from a standby from now on shows this point. Called before anybody can learn of it, with no lock held
// but `applying`.
void index_require(struct index *index, const struct history_point *point);

// What the database shows at least: the point, or that of another history which is not loaded yet.
void index_database_point_locked(const struct index *index, struct history_point *ret_point);

// Waits on a condition of the index, its lock held, until `deadline_ms` of monotonic_ms(). False when
// that has passed.
bool index_wait_on(struct index *index, pthread_cond_t *condition, int64_t deadline_ms);

// Whether the index is at `wanted` or beyond it: index_wait_point. Its lock is held.
bool index_has_reached(const struct index *index, const struct history_point *wanted);
