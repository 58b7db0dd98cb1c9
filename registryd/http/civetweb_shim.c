// SPDX-License-Identifier: MIT
// The poll, recv, accept and shutdown below are found before the C library's by every shared library
// in the process, because the program comes first in the order of search. They are made of ppoll,
// recvfrom, accept4 and the bare system call, which do the same. What a thread gets depends on its mode:
//
//   MODE_PASS      the plain calls: threads of others, and a worker while a handler runs
//   MODE_ACCEPT    civetweb's master thread: connections come from the acceptor
//   MODE_HEAD      a worker that waits for a request
//   MODE_DEADLINE  a worker that reads a body or sends a reply
#include "registryd/http/civetweb_shim.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// Under names and declarations of our own, because those of the C library promise the compiler
// things that only hold for callers.
__attribute__((visibility("default"))) int receive_poll(struct pollfd *fds, nfds_t count,
                                                        int timeout_ms) __asm__("poll");
__attribute__((visibility("default"))) ssize_t receive_recv(int fd, void *target, size_t room,
                                                            int flags) __asm__("recv");
__attribute__((visibility("default"))) int receive_accept(int fd, struct sockaddr *peer,
                                                          socklen_t *size) __asm__("accept");
__attribute__((visibility("default"))) int receive_shut(int fd, int how) __asm__("shutdown");

enum {
    BUSY_MS =
        50, // how long a worker waits for the next request before it gives the connection back
    QUICK_MS = 250,    // how long a worker waits for its client without a place for slow ones
    PARTIAL_MS = 2000, // for the rest of a head that began behind another request
};

enum mode { MODE_PASS, MODE_ACCEPT, MODE_HEAD, MODE_DEADLINE };

struct state {
    enum mode mode;
    const struct receive_source *source;
    const struct receive_watch *watch;
    int socket;         // of the connection, or -1 until it is known
    int parked;         // its duplicate, once it is to be given back; or -1
    bool is_expired;    // nothing is waited for
    bool closed;        // by the client
    bool is_slow;       // holds a place for slow clients
    bool is_refused;    // would have needed one
    int64_t quick_ms;   // until when no place is needed
    int64_t received;   // bytes, over the connection
    int64_t counted;    // those of requests that were served
    int64_t partial_ms; // until when the rest of a head is waited for; 0 = not yet set
    struct pace pace;
    const char *buffer; // watch->buffer_bytes long
    const char *end;    // behind the last byte read of a head
};

static _Thread_local struct state here = {.socket = -1, .parked = -1};

int64_t receive_clock_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int wait_ms(struct pollfd *fds, nfds_t count, int64_t timeout_ms) {
    struct timespec timeout = {.tv_sec = timeout_ms / 1000, .tv_nsec = timeout_ms % 1000 * 1000000};
    return ppoll(fds, count, timeout_ms < 0 ? NULL : &timeout, NULL);
}

static int refuse(int reason) {
    errno = reason;
    return -1;
}

// ---- accepting ----

static int wait_for_source(struct pollfd *fds, int timeout_ms) {
    bool found = here.source->wait(here.source->context, fds->fd, timeout_ms);
    fds->revents = found ? POLLIN : 0;
    return found;
}

int receive_accept(int fd, struct sockaddr *peer, socklen_t *size) {
    if (here.mode != MODE_ACCEPT) {
        return accept4(fd, peer, size, 0);
    }
    int socket = here.source->take(here.source->context, peer, size);
    return socket >= 0 ? socket : refuse(EAGAIN);
}

void receive_accept_begin(const struct receive_source *source) {
    here.mode = MODE_ACCEPT;
    here.source = source;
}

// ---- slow clients ----

static void end_slow(void) {
    if (here.is_slow) {
        here.watch->end_slow(here.watch->context);
        here.is_slow = false;
    }
    here.quick_ms = 0;
}

// At most `timeout_ms`, and not beyond the moment from which on a place is needed; then it must be had.
// -1 when there is none.
static int64_t wait_without_place(int64_t now_ms, int64_t timeout_ms) {
    if (here.is_slow) {
        return timeout_ms;
    }
    here.quick_ms = here.quick_ms ? here.quick_ms : now_ms + QUICK_MS;
    if (now_ms < here.quick_ms) {
        return timeout_ms < here.quick_ms - now_ms ? timeout_ms : here.quick_ms - now_ms;
    }
    here.is_slow = here.watch->begin_slow(here.watch->context);
    here.is_refused = !here.is_slow;
    return here.is_slow ? timeout_ms : -1;
}

// ---- waiting for a request ----

// For the client, and to be woken.
static int wait_or_wake(struct pollfd *wanted, int timeout_ms) {
    struct pollfd fds[2] = {*wanted, {.fd = here.watch->wake_fd, .events = POLLIN}};
    int ready = wait_ms(fds, 2, timeout_ms);
    wanted->revents = fds[0].revents;
    return ready > 0 ? fds[0].revents != 0 : ready;
}

// A part of a head is in civetweb's buffer and cannot be given back.
static int wait_for_rest(struct pollfd *wanted, int timeout_ms) {
    int64_t now_ms = receive_clock_ms();
    here.partial_ms = here.partial_ms ? here.partial_ms : now_ms + PARTIAL_MS;
    int64_t left_ms = here.partial_ms - now_ms;
    left_ms = wait_without_place(now_ms, left_ms < timeout_ms ? left_ms : timeout_ms);
    if (left_ms < 0 || now_ms >= here.partial_ms) {
        return refuse(ETIMEDOUT);
    }
    return wait_or_wake(wanted, (int)left_ms);
}

static int wait_for_request(struct pollfd *wanted, int timeout_ms) {
    if (here.socket < 0) {
        here.socket = wanted->fd;
        here.is_expired = here.watch->begin(here.watch->context, here.socket);
    }
    if (here.is_expired) {
        return wait_ms(wanted, 1, 0) > 0 ? 1 : refuse(ETIMEDOUT);
    }
    if (here.received > here.counted) {
        return wait_for_rest(wanted, timeout_ms);
    }
    // First without the acceptor: on a busy connection the next request is there before it would be
    // needed.
    int busy_ms = here.watch->is_crowded(here.watch->context) ? 0 : BUSY_MS;
    int ready = wait_ms(wanted, 1, busy_ms);
    if (ready) {
        return ready;
    }
    here.parked = fcntl(here.socket, F_DUPFD_CLOEXEC, 0);
    return refuse(ETIMEDOUT);
}

// civetweb asks for all the room that is left, so the end of the room is the end of its buffer.
static void note_head(const char *target, size_t room, ssize_t got) {
    here.buffer = target + room - here.watch->buffer_bytes;
    here.end = target + (got > 0 ? got : 0);
}

void receive_connection_begin(void) {
    here.socket = -1;
    here.parked = -1;
    here.is_expired = false;
    here.received = 0;
    here.counted = 0;
}

int receive_connection_end(void) {
    end_slow();
    int parked = here.parked;
    here.parked = -1;
    here.socket = -1;
    return parked;
}

void receive_head_begin(const struct receive_watch *watch) {
    here.mode = MODE_HEAD;
    here.watch = watch;
    here.partial_ms = 0;
    if (here.buffer) {
        here.end =
            here.buffer + (here.received - here.counted); // civetweb moves the rest to the front
    }
}

void receive_head_end(void) {
    end_slow();
    here.mode = MODE_PASS;
}

void receive_count(size_t bytes) {
    here.counted += (int64_t)bytes;
}

struct text receive_buffer(void) {
    return (struct text){here.buffer, here.buffer ? here.watch->buffer_bytes : 0};
}

enum head_state receive_fault(void) {
    size_t len = here.buffer ? (size_t)(here.end - here.buffer) : 0;
    enum head_state state = len ? head_examine(here.buffer, len) : HEAD_INCOMPLETE;
    return state == HEAD_COMPLETE ? HEAD_MALFORMED : state;
}

// ---- bodies and replies ----

// Bytes that have passed in this direction: received by us, or acknowledged by the client's system.
static int64_t passed(short events) {
    if (!(events & POLLOUT)) {
        return here.received;
    }
    struct tcp_info info;
    socklen_t size = sizeof info;
    memset(&info, 0, sizeof info);
    if (getsockopt(here.socket, IPPROTO_TCP, TCP_INFO, &info, &size)) {
        return 0;
    }
    return (int64_t)info.tcpi_bytes_acked;
}

static int give_up(const struct pollfd *fds) {
    if (fds->events & POLLOUT) {
        syscall(SYS_shutdown, fds->fd, SHUT_RDWR); // civetweb would try again at once, and again
    }
    return refuse(ETIMEDOUT);
}

static int wait_in_pace(struct pollfd *fds, nfds_t count, int timeout_ms) {
    if (here.is_expired && (fds->events & POLLIN)) {
        return wait_ms(fds, count, 0) > 0 ? 1 : refuse(ETIMEDOUT);
    }
    int64_t now_ms = receive_clock_ms();
    int64_t total = pace_counts(&here.pace, now_ms) ? passed(fds->events) : 0;
    int64_t left_ms = pace_left_ms(&here.pace, now_ms, total);
    if (!left_ms) {
        return give_up(fds);
    }
    left_ms = wait_without_place(now_ms, left_ms < timeout_ms ? left_ms : timeout_ms);
    if (left_ms < 0) {
        return give_up(fds);
    }
    return wait_ms(fds, count, left_ms);
}

void receive_deadline_begin(const struct receive_pace *pace) {
    here.mode = MODE_DEADLINE;
    here.pace = pace_begin(pace);
    here.closed = false;
    here.is_refused = false;
}

void receive_deadline_end(void) {
    end_slow();
    here.mode = MODE_PASS;
}

bool receive_is_closed(void) {
    return here.closed;
}

bool receive_is_refused(void) {
    return here.is_refused;
}

void receive_drain(size_t max_bytes, int max_ms) {
    if (here.socket < 0) {
        return;
    }
    receive_shutdown(here.socket);
    int64_t deadline_ms = receive_clock_ms() + max_ms;
    char waste[4096];
    while (max_bytes > 0) {
        int64_t left_ms = deadline_ms - receive_clock_ms();
        struct pollfd readable = {.fd = here.socket, .events = POLLIN};
        if (left_ms <= 0 || wait_ms(&readable, 1, left_ms) <= 0) {
            return;
        }
        ssize_t got = recvfrom(here.socket, waste, sizeof waste, 0, NULL, NULL);
        if (got <= 0) {
            return;
        }
        max_bytes -= (size_t)got < max_bytes ? (size_t)got : max_bytes;
    }
}

// ---- the four names ----

int receive_poll(struct pollfd *fds, nfds_t count, int timeout_ms) {
    if (count != 1) {
        return wait_ms(fds, count, timeout_ms);
    }
    switch (here.mode) {
    case MODE_ACCEPT:
        return wait_for_source(fds, timeout_ms);
    case MODE_HEAD:
        return wait_for_request(fds, timeout_ms);
    case MODE_DEADLINE:
        return wait_in_pace(fds, count, timeout_ms);
    case MODE_PASS:
        break;
    }
    return wait_ms(fds, count, timeout_ms);
}

ssize_t receive_recv(int fd, void *target, size_t room, int flags) {
    ssize_t got = recvfrom(fd, target, room, flags, NULL, NULL);
    bool is_ours = (here.mode == MODE_HEAD || here.mode == MODE_DEADLINE) && fd == here.socket;
    if (!is_ours) {
        return got;
    }
    here.received += got > 0 ? got : 0;
    if (here.mode == MODE_HEAD) {
        note_head(target, room, got);
    } else if (got == 0) {
        here.closed = true;
    }
    return got;
}

void receive_shutdown(int socket) {
    syscall(SYS_shutdown, socket, SHUT_WR);
}

// civetweb shuts a connection down before it closes it, which would end the duplicate as well.
int receive_shut(int fd, int how) {
    if (here.parked >= 0 && fd == here.socket) {
        return 0;
    }
    return (int)syscall(SYS_shutdown, fd, how);
}
