// SPDX-License-Identifier: MIT
// The poll and recv below are found before the C library's by every shared library in the process,
// because the program comes first in the order of search. They are made of ppoll and recvfrom,
// which do the same with more parameters.
#include "registryd/http/civetweb_shim.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

// Under names and declarations of our own, because those of the C library promise the compiler
// things that only hold for callers.
__attribute__((visibility("default"))) int receive_poll(struct pollfd *fds, nfds_t count,
                                                        int timeout_ms) __asm__("poll");
__attribute__((visibility("default"))) ssize_t receive_recv(int fd, void *target, size_t room,
                                                            int flags) __asm__("recv");

enum { BUSY_MS = 50 };

enum mode { MODE_PASS, MODE_HEAD, MODE_DEADLINE, MODE_REFUSE };

struct state {
    enum mode mode;
    const struct receive_watch *watch;
    int socket; // of the connection, or -1 until it is known
    bool closed;
    int64_t deadline_ms;
    const char *buffer; // watch->buffer_bytes long
    const char *end;    // behind the last byte read of a head
};

static _Thread_local struct state here = {.socket = -1};

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

// For the client or a new connection, and to be woken.
static int wait_or_wake(struct pollfd *wanted, int timeout_ms) {
    if (here.socket < 0) {
        here.socket = wanted->fd;
        if (!here.watch->admit(here.watch->context, here.socket)) {
            here.mode = MODE_REFUSE;
            return refuse(ECONNABORTED);
        }
    }
    // First without the wake-up: it is one object for all threads, and on a busy connection the next
    // request is there before it would be needed.
    int busy_ms = timeout_ms < BUSY_MS ? timeout_ms : BUSY_MS;
    int ready = wait_ms(wanted, 1, busy_ms);
    if (ready) {
        return ready;
    }
    struct pollfd fds[2] = {*wanted, {.fd = here.watch->wake_fd, .events = POLLIN}};
    ready = wait_ms(fds, 2, timeout_ms - busy_ms);
    wanted->revents = fds[0].revents;
    return ready > 0 ? fds[0].revents != 0 : ready;
}

static int wait_until_deadline(struct pollfd *fds, nfds_t count, int timeout_ms) {
    int64_t left_ms = here.deadline_ms - receive_clock_ms();
    if (left_ms <= 0) {
        if (fds->events & POLLOUT) {
            shutdown(fds->fd, SHUT_RDWR); // civetweb would try again at once, and again
        }
        return refuse(ETIMEDOUT);
    }
    return wait_ms(fds, count, left_ms < timeout_ms ? left_ms : timeout_ms);
}

int receive_poll(struct pollfd *fds, nfds_t count, int timeout_ms) {
    switch (here.mode) {
    case MODE_HEAD:
        return count == 1 ? wait_or_wake(fds, timeout_ms) : wait_ms(fds, count, timeout_ms);
    case MODE_DEADLINE:
        return wait_until_deadline(fds, count, timeout_ms);
    case MODE_REFUSE:
        return refuse(ECONNABORTED);
    case MODE_PASS:
        break;
    }
    return wait_ms(fds, count, timeout_ms);
}

// civetweb asks for all the room that is left, so the end of the room is the end of its buffer.
static void note_head(const char *target, size_t room, ssize_t got) {
    here.buffer = target + room - here.watch->buffer_bytes;
    here.end = target + (got > 0 ? got : 0);
}

ssize_t receive_recv(int fd, void *target, size_t room, int flags) {
    ssize_t got = recvfrom(fd, target, room, flags, NULL, NULL);
    if (here.mode == MODE_HEAD) {
        note_head(target, room, got);
    } else if (here.mode == MODE_DEADLINE && got == 0) {
        here.closed = true;
    }
    return got;
}

void receive_connection_begin(void) {
    here.socket = -1;
}

void receive_head_begin(const struct receive_watch *watch) {
    here.mode = MODE_HEAD;
    here.watch = watch;
}

void receive_head_end(void) {
    here.mode = MODE_PASS;
}

struct text receive_buffer(void) {
    return (struct text){here.buffer, here.buffer ? here.watch->buffer_bytes : 0};
}

static bool may_be_in_head(char c) {
    unsigned char byte = (unsigned char)c;
    return byte >= 0x80 || (byte >= 0x20 && byte < 0x7f) || c == '\r' || c == '\n';
}

enum receive_fault receive_fault(void) {
    for (const char *c = here.buffer; c && c < here.end; c++) {
        if (!may_be_in_head(*c)) {
            return RECEIVE_MALFORMED;
        }
    }
    size_t len = here.buffer ? (size_t)(here.end - here.buffer) : 0;
    bool complete =
        len && (memmem(here.buffer, len, "\r\n\r\n", 4) || memmem(here.buffer, len, "\n\n", 2));
    if (complete) {
        return RECEIVE_MALFORMED;
    }
    return len && len == here.watch->buffer_bytes ? RECEIVE_FULL : RECEIVE_INCOMPLETE;
}

void receive_deadline_begin(int64_t deadline_ms) {
    here.mode = MODE_DEADLINE;
    here.deadline_ms = deadline_ms;
    here.closed = false;
}

void receive_deadline_end(void) {
    here.mode = MODE_PASS;
}

bool receive_is_closed(void) {
    return here.closed;
}

void receive_drain(size_t max_bytes, int max_ms) {
    if (here.socket < 0) {
        return;
    }
    shutdown(here.socket, SHUT_WR);
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
