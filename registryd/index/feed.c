// SPDX-License-Identifier: MIT
// The feed's thread: connect, catch up, wait, and again. What readers wait for must not wait for us: a
// connection that was lost is made anew almost at once, also when it is lost over and over; only when it
// cannot be made are the pauses longer each time, and still shorter than the wait of min_serial. Says in
// the log when it lost and when it found the database, once each.
#include "registryd/index/feed.h"

#include "schema/base/clock.h"

#include <poll.h>

enum {
    POLL_MS = 5000,
    FIRST_PAUSE_MS = 10,
    LOST_PAUSE_MS = 50, // at most, after a connection that had been made
    AWAY_PAUSE_MS = 2000,
    CALM_MS = 1000, // what held so long begins with the first pause again
};

// True when the feed must stop.
static bool pause_for(const struct index *index, int timeout_ms) {
    struct pollfd wake = {.fd = index->wake_fd, .events = POLLIN};
    return poll(&wake, 1, timeout_ms) > 0;
}

// The moment of losing the database counts, too: until then every change was known.
static void set_following(struct index *index, bool following) {
    pthread_mutex_lock(&index->lock);
    index->known_ms = following || index->following ? monotonic_ms() : index->known_ms;
    index->following = following;
    pthread_mutex_unlock(&index->lock);
}

// Catches up whether a notification came or not: notifications can be lost, and reading no changes is cheap.
static enum status wait_and_catch_up(struct index *index, struct listener *listener,
                                     struct error *err) {
    bool notified = false;
    enum status status = store_listener_wait(listener, POLL_MS, index->wake_fd, &notified, err);
    return status ? status : feed_catch_up(index, err);
}

// Follows until the database is lost or the feed must stop (then STATUS_OK). *ret_since_ms is when it
// came to follow; untouched when it did not.
static enum status follow(struct index *index, struct listener *listener, int64_t *ret_since_ms,
                          struct error *err) {
    enum status status = feed_catch_up(index, err);
    bool is_new = true;
    while (!status && !pause_for(index, 0)) {
        if (is_new) {
            set_following(index, true);
            *ret_since_ms = monotonic_ms();
            log_event(index->log, LOG_LEVEL_INFO, "event=feed-following");
            is_new = false;
        }
        status = wait_and_catch_up(index, listener, err);
    }
    set_following(index, false);
    return status;
}

static enum status connect_and_follow(struct index *index, int64_t *ret_since_ms,
                                      struct error *err) {
    struct listener *listener = NULL;
    enum status status = store_listener_open(index->store, &listener, err);
    if (status) {
        return status;
    }
    status = follow(index, listener, ret_since_ms, err);
    store_listener_close(listener);
    return status;
}

static int shorter(int a, int b) {
    return a < b ? a : b;
}

// One line when the connection is lost, not one for each attempt. After a calm time the pauses start short
// again.
void *feed_run(void *context) {
    struct index *index = context;
    int pause_ms = FIRST_PAUSE_MS;
    bool is_lost = false;
    while (!pause_for(index, 0)) {
        int64_t since_ms = 0;
        struct error err = {0};
        if (!connect_and_follow(index, &since_ms, &err)) {
            continue;
        }
        if (!is_lost || since_ms) {
            log_event(index->log, LOG_LEVEL_WARNING, "event=feed-lost code=%s detail=\"%s\"",
                      status_info(err.status)->wire_name, err.message);
        }
        is_lost = true;
        if (since_ms && monotonic_ms() - since_ms > CALM_MS) {
            pause_ms = FIRST_PAUSE_MS;
        }
        pause_ms = shorter(pause_ms, since_ms ? LOST_PAUSE_MS : AWAY_PAUSE_MS);
        pause_for(index, pause_ms);
        pause_ms *= 2;
    }
    return NULL;
}
