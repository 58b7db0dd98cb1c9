// SPDX-License-Identifier: MIT
// One thread that asks the daemon's own port as a client would. A flag that the threads of HTTP set would say that one
// of them turns; the question passes through all of them: the acceptor takes the connection, a worker serves it.
//
// Any reaction counts: 503 under load, or a connection closed because this address has too many, still come from threads
// that work. Silence counts as stuck. The database is not asked, because a restart of registryd does not mend it.
#include "registryd/service/watchdog.h"

#include "schema/base/cleanup.h"
#include "schema/base/clock.h"
#include "schema/base/list.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/eventfd.h>

// Of the interval: signs come three times in it, so that one may be late.
enum { SIGNS_PER_INTERVAL = 3 };

static const char question[] =
    "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

struct watchdog {
    const struct notify *notify;
    struct sockaddr_in port;
    int64_t pause_ms;
    int stop_fd; // readable from the moment when the thread shall end
    pthread_t thread;
};

// True when the descriptor (-1: none) is ready for `events` in time; an error of the socket counts as ready. False at
// the deadline, and as soon as the thread shall end.
static bool wait_for(const struct watchdog *watchdog, int fd, short events, int64_t deadline_ms) {
    struct pollfd waits[] = {{.fd = watchdog->stop_fd, .events = POLLIN},
                             {.fd = fd, .events = events}};
    int64_t left_ms = deadline_ms - monotonic_ms();
    return poll(waits, COUNT_OF(waits), left_ms > 0 ? (int)left_ms : 0) > 0 && !waits[0].revents;
}

static bool shall_end(const struct watchdog *watchdog) {
    struct pollfd wait = {.fd = watchdog->stop_fd, .events = POLLIN};
    return poll(&wait, 1, 0) > 0;
}

// Whether the port reacts before the deadline.
static bool port_reacts(const struct watchdog *watchdog, int64_t deadline_ms) {
    char byte;
    const struct sockaddr_in *port = &watchdog->port;
    scoped(cleanup_fd) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return errno == EMFILE || errno == ENFILE; // a shortage, not a standstill
    }
    if (connect(fd, (const struct sockaddr *)port, sizeof *port) && errno != EINPROGRESS) {
        return false;
    }
    if (!wait_for(watchdog, fd, POLLOUT, deadline_ms)) {
        return false;
    }
    if (send(fd, question, sizeof question - 1, MSG_NOSIGNAL) < 0) {
        return errno == EPIPE || errno == ECONNRESET; // accepted and closed
    }
    return wait_for(watchdog, fd, POLLIN, deadline_ms) &&
           (read(fd, &byte, 1) >= 0 || errno == ECONNRESET);
}

static void *keep(void *context) {
    struct watchdog *watchdog = context;
    while (!shall_end(watchdog)) {
        int64_t next_ms = monotonic_ms() + watchdog->pause_ms;
        if (port_reacts(watchdog, next_ms)) {
            notify_send(watchdog->notify, "WATCHDOG=1");
        } else if (!shall_end(watchdog)) {
            log_event(watchdog->notify->log, LOG_LEVEL_WARNING,
                      "event=port-silent milliseconds=%lld", (long long)watchdog->pause_ms);
        }
        wait_for(watchdog, -1, 0, next_ms);
    }
    return NULL;
}

static void free_watchdog(struct watchdog *watchdog) {
    cleanup_fd(&watchdog->stop_fd);
    free(watchdog);
}

enum status watchdog_start(const struct notify *notify, const struct sockaddr_in *port,
                           struct watchdog **ret_watchdog, struct error *err) {
    if (!notify->watchdog_ms) {
        *ret_watchdog = NULL;
        return STATUS_OK;
    }
    struct watchdog *watchdog = calloc(1, sizeof *watchdog);
    if (!watchdog) {
        return fail_no_memory(err);
    }
    watchdog->notify = notify;
    watchdog->port = *port;
    watchdog->pause_ms = notify->watchdog_ms / SIGNS_PER_INTERVAL + 1;
    watchdog->stop_fd = eventfd(0, EFD_CLOEXEC);
    if (watchdog->stop_fd < 0 || pthread_create(&watchdog->thread, NULL, keep, watchdog)) {
        free_watchdog(watchdog);
        return fail(err, STATUS_INTERNAL, NULL, "The thread of the watchdog cannot start");
    }
    *ret_watchdog = watchdog;
    return STATUS_OK;
}

void watchdog_stop(struct watchdog *watchdog) {
    if (!watchdog) {
        return;
    }
    eventfd_write(watchdog->stop_fd, 1);
    pthread_join(watchdog->thread, NULL);
    free_watchdog(watchdog);
}
