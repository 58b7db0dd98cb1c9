// SPDX-License-Identifier: MIT
// The way of a connection:
//
//   accept ──> fresh ──head complete──> ready ──worker free──> served by a worker ──> closed
//                │ too slow: 408          ^                        │ nothing more to read
//                                         └──head complete── idle <┘
//
// Who has to make room when there is too little: first connections that have never sent a whole head,
// then idle ones, the longest waiting first. A client that sends its request at once is therefore
// served, however many silent connections there are, even when they come from its own address.
#include "registryd/http/acceptor.h"

#include "registryd/http/civetweb_shim.h"
#include "registryd/http/listen.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    DESCRIPTORS_MAX = 65536,
    OTHER_DESCRIPTORS = 64, // for everything that is not a client's connection
    ACCEPTS_AT_ONCE = 64,
    EVENTS_AT_ONCE = 256,
    OVER_MS = 2000, // for the head of a connection over its address's limit
    OVER_PER_ADDRESS = 16,
    READY_MS = 5000,   // for a worker to become free
    LATE_MS = 250,     // then the newest is served first
    HANDSHAKE_MS = 20, // for connections that are being made when the port closes
    LOG_EVERY_MS = 60000,
};

struct acceptor {
    struct acceptor_settings settings;
    pthread_mutex_t lock;
    int epoll_fd;
    int wake_fd; // written when a connection is parked, or when a worker is free and wanted
    int stop_fd; // borrowed
    int listening;
    int spare_fd; // given up for a moment to accept and close when no descriptor is left
    struct connection_table table;
    int waiting_max;
    int served; // connections with a worker
    int reserve;
    int chosen; // what acceptor_wait found
    atomic_bool is_crowded;
    bool is_stopping;
    int64_t now_ms;
    int64_t warned_ms; // about descriptors
    char buffer[LIMIT_HEADER_BLOCK_BYTES + 1];
};

// ---- closing and refusing ----

// The row goes before the descriptor is closed. After close() the kernel may give the number to the
// next connection.
static void drop(struct acceptor *acceptor, int fd) {
    connection_unlink(&acceptor->table, fd);
    client_leave(&acceptor->table, acceptor->table.connections[fd].ticket.client);
    close(fd);
}

#define PROBLEM(code, title, status, detail)                                                       \
    "{\"type\":\"urn:registryd:problem:" code "\",\"title\":\"" title "\",\"status\":" status      \
    ",\"detail\":\"" detail "\",\"code\":\"" code "\",\"where\":null,\"errors\":[]}"

static const char busy_body[] = PROBLEM("unavailable", "The server is busy", "503",
                                        "All workers are busy. Try again in a moment.");
static const char share_body[] =
    PROBLEM("too-many-requests", "Too many requests", "429",
            "Your address has too many connections. Close some, then try again.");
#undef PROBLEM

static void write_problem(int fd, enum status status) {
    bool is_share = status == STATUS_TOO_MANY;
    const char *body = is_share ? share_body : busy_body;
    char text[1024];
    int len = snprintf(text, sizeof text,
                       "HTTP/1.1 %s\r\nContent-Type: application/problem+json\r\nRetry-After: 1\r\n"
                       "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
                       "Connection: close\r\nContent-Length: %zu\r\n\r\n%s",
                       is_share ? "429 Too Many Requests" : "503 Service Unavailable", strlen(body),
                       body);
    char waste[4096];
    int pieces = 16;
    // Unread bytes would make the kernel reset the connection, and the client would not see why.
    while (pieces-- && recvfrom(fd, waste, sizeof waste, MSG_DONTWAIT, NULL, NULL) > 0) {
    }
    if (send(fd, text, (size_t)len, MSG_DONTWAIT | MSG_NOSIGNAL) > 0) {
        receive_shutdown(fd);
    }
}

static void refuse(struct acceptor *acceptor, int fd, enum status status) {
    char address[INET_ADDRSTRLEN] = "";
    inet_ntop(AF_INET, &acceptor->table.connections[fd].ticket.peer.sin_addr, address,
              sizeof address);
    refusal_log_add(acceptor->settings.refusals, address, status,
                    status == STATUS_TOO_MANY ? "Too many connections of this address"
                                              : "All workers are busy");
    write_problem(fd, status);
    drop(acceptor, fd);
}

// Closes the connection that has waited longest for its client, of this address or of any (NOTHING), but
// not `except`.
static bool make_room(struct acceptor *acceptor, int client, int except) {
    static const enum list_name order[] = {LIST_FRESH, LIST_OVER, LIST_BODY, LIST_IDLE};
    const struct connection *connections = acceptor->table.connections;
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        int fd = acceptor->table.lists[order[i]].first;
        while (fd != NOTHING &&
               (fd == except || (client != NOTHING && connections[fd].ticket.client != client))) {
            fd = connections[fd].next;
        }
        if (fd != NOTHING) {
            drop(acceptor, fd);
            return true;
        }
    }
    return false;
}

// ---- looking at what has arrived ----

// FIONREAD counts what the kernel holds, so nothing is read before a worker takes the connection.
static bool has_arrived(int fd, size_t bytes) {
    int there = 0;
    return ioctl(fd, FIONREAD, &there) == 0 && (size_t)there >= bytes;
}

// False when the connection is gone, or nothing has come yet.
static bool look_at_head(struct acceptor *acceptor, int fd) {
    struct connection *connection = &acceptor->table.connections[fd];
    ssize_t got = recvfrom(fd, acceptor->buffer, LIMIT_HEADER_BLOCK_BYTES, MSG_PEEK | MSG_DONTWAIT,
                           NULL, NULL);
    if (got <= 0) {
        bool is_gone = got == 0 || (errno != EAGAIN && errno != EINTR);
        if (is_gone) {
            drop(acceptor, fd);
        }
        return false;
    }
    struct head_peek peek = head_peek(acceptor->buffer, (size_t)got);
    connection->seen_bytes = (size_t)got;
    connection->whole_bytes = peek.whole_bytes;
    connection->kind = peek.kind;
    return true;
}

// `is_last`: the client sends no more.
static void look(struct acceptor *acceptor, int fd, bool is_last) {
    struct connection *connection = &acceptor->table.connections[fd];
    if (connection->list == LIST_NONE || connection->list >= LIST_READY) {
        return;
    }
    if (!connection->whole_bytes && !look_at_head(acceptor, fd)) {
        return;
    }
    bool is_whole = connection->whole_bytes && has_arrived(fd, connection->whole_bytes);
    if (is_whole || is_last) {
        connection_move(&acceptor->table, fd, LIST_READY + connection->kind, acceptor->now_ms);
    } else if (connection->whole_bytes && connection->list != LIST_BODY &&
               connection->list != LIST_OVER) {
        connection_move(&acceptor->table, fd, LIST_BODY, acceptor->now_ms);
    }
}

// ---- taking connections in ----

static void watch(struct acceptor *acceptor, int fd) {
    // Edge-triggered: a head is only peeked at and stays unread, so a level-triggered watch would
    // wake the thread again and again.
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.fd = fd};
    if (acceptor->table.connections[fd].list == LIST_NONE ||
        acceptor->table.connections[fd].list >= LIST_READY) {
        return; // it was all there already
    }
    if (epoll_ctl(acceptor->epoll_fd, EPOLL_CTL_ADD, fd, &event)) {
        drop(acceptor, fd);
        return;
    }
    acceptor->table.connections[fd].is_watched = true;
}

static bool is_limited(const struct acceptor *acceptor, uint32_t address) {
    return acceptor->settings.per_address > 0 &&
           !forwarded_is_proxy(acceptor->settings.proxies, address);
}

static void admit(struct acceptor *acceptor, int fd, const struct sockaddr_in *peer) {
    uint32_t address = ntohl(peer->sin_addr.s_addr);
    if ((size_t)fd >= acceptor->table.size) {
        write_problem(fd, STATUS_UNAVAILABLE);
        close(fd);
        return;
    }
    int client = is_limited(acceptor, address) ? client_take(&acceptor->table, address) : NOTHING;
    acceptor->table.connections[fd] =
        (struct connection){.ticket = {.peer = *peer, .client = client}};
    struct client *row = client == NOTHING ? NULL : &acceptor->table.clients[client];
    if (row) {
        row->open++; // before room is made, which could else give the row away
    }
    bool is_over =
        row && row->open > acceptor->settings.per_address && !make_room(acceptor, client, fd);
    bool has_room =
        acceptor->table.waiting < acceptor->waiting_max || make_room(acceptor, NOTHING, NOTHING);
    if (!has_room || (is_over && row->over >= OVER_PER_ADDRESS)) {
        refuse(acceptor, fd, is_over ? STATUS_TOO_MANY : STATUS_UNAVAILABLE);
        return;
    }
    connection_move(&acceptor->table, fd, is_over ? LIST_OVER : LIST_FRESH, acceptor->now_ms);
    look(acceptor, fd, false);
    watch(acceptor, fd);
}

static void warn_of_descriptors(struct acceptor *acceptor) {
    if (!acceptor->warned_ms || acceptor->now_ms - acceptor->warned_ms >= LOG_EVERY_MS) {
        log_event(acceptor->settings.log, LOG_LEVEL_WARNING,
                  "event=descriptors-exhausted connections=%d advice=\"raise ulimit -n\"",
                  acceptor->table.waiting + acceptor->served);
        acceptor->warned_ms = acceptor->now_ms;
    }
}

// No descriptor is left for the next connection: a waiting one has to go. When all are being served,
// the spare descriptor takes the new connection for as long as it takes to refuse it: one that stays
// in the kernel's queue would wake us for ever.
static void relieve(struct acceptor *acceptor) {
    warn_of_descriptors(acceptor);
    if (make_room(acceptor, NOTHING, NOTHING) || acceptor->spare_fd < 0) {
        return;
    }
    close(acceptor->spare_fd);
    int fd = accept4(acceptor->listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        write_problem(fd, STATUS_UNAVAILABLE);
        close(fd);
    }
    acceptor->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

// True when there may be more.
static bool accept_some(struct acceptor *acceptor) {
    for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
        struct sockaddr_in peer = {.sin_family = AF_INET};
        socklen_t size = sizeof peer;
        int fd = accept4(acceptor->listening, (struct sockaddr *)&peer, &size,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            admit(acceptor, fd, &peer);
        } else if (errno == EMFILE || errno == ENFILE) {
            relieve(acceptor);
        } else if (errno != EINTR && errno != ECONNABORTED) {
            return false;
        }
    }
    return true;
}

// ---- time ----

static void expire_list(struct acceptor *acceptor, enum list_name name) {
    struct list *list = &acceptor->table.lists[name];
    while (list->first != NOTHING &&
           acceptor->table.connections[list->first].deadline_ms <= acceptor->now_ms) {
        int fd = list->first;
        struct connection *connection = &acceptor->table.connections[fd];
        if (name >= LIST_READY) {
            int client = connection->ticket.client;
            bool is_own = client != NOTHING && acceptor->table.clients[client].served > 0 &&
                          acceptor->served < acceptor->settings.threads - acceptor->reserve;
            refuse(acceptor, fd, is_own ? STATUS_TOO_MANY : STATUS_UNAVAILABLE);
        } else if (connection->seen_bytes && name != LIST_OVER) {
            connection->ticket.is_expired = true; // a worker says that it took too long
            connection_move(&acceptor->table, fd, LIST_READY + HEAD_ORDINARY, acceptor->now_ms);
        } else {
            drop(acceptor, fd);
        }
    }
}

static void expire(struct acceptor *acceptor) {
    for (enum list_name name = LIST_FRESH; name < LIST_COUNT; name++) {
        expire_list(acceptor, name);
    }
}

// Each list is in the order of its deadlines, so the first of each is enough.
static int64_t next_deadline_ms(const struct acceptor *acceptor, int64_t until_ms) {
    for (enum list_name name = LIST_FRESH; name < LIST_COUNT; name++) {
        int fd = acceptor->table.lists[name].first;
        if (fd != NOTHING && acceptor->table.connections[fd].deadline_ms < until_ms) {
            until_ms = acceptor->table.connections[fd].deadline_ms;
        }
    }
    return until_ms;
}

// ---- giving connections to workers ----

// The most of one address that are served at once, so that it leaves workers to others.
static int served_max(const struct acceptor *acceptor) {
    int half = (acceptor->settings.threads - acceptor->reserve + 1) / 2;
    return half < acceptor->settings.per_address ? half : acceptor->settings.per_address;
}

static bool is_servable(const struct acceptor *acceptor, int fd, enum head_kind kind) {
    int client = acceptor->table.connections[fd].ticket.client;
    return kind != HEAD_ORDINARY || client == NOTHING ||
           acceptor->table.clients[client].served < served_max(acceptor);
}

// The first in the queue; but when the first has waited for long already, the last: under a load that is
// too high anyway, it is better to serve some at once than all too late.
static int find_servable(const struct acceptor *acceptor, enum head_kind kind) {
    static const int divisors[HEAD_KIND_COUNT] = {[HEAD_ORDINARY] = 1, [HEAD_ADMIN] = 2};
    int kept_back = divisors[kind] ? acceptor->reserve / divisors[kind] : 0;
    const struct list *list = &acceptor->table.lists[LIST_READY + kind];
    const struct connection *connections = acceptor->table.connections;
    if (list->first == NOTHING || acceptor->served >= acceptor->settings.threads - kept_back) {
        return NOTHING;
    }
    bool is_late = connections[list->first].deadline_ms - acceptor->now_ms < READY_MS - LATE_MS;
    int fd = is_late ? list->last : list->first;
    while (fd != NOTHING && !is_servable(acceptor, fd, kind)) {
        fd = is_late ? connections[fd].previous : connections[fd].next;
    }
    return fd;
}

static bool choose(struct acceptor *acceptor) {
    int fd = NOTHING;
    for (int kind = HEAD_KIND_COUNT - 1; kind >= 0 && fd == NOTHING; kind--) {
        fd = find_servable(acceptor, (enum head_kind)kind);
    }
    acceptor->chosen = fd;
    return fd != NOTHING;
}

static bool has_ready(const struct acceptor *acceptor) {
    for (int kind = 0; kind < HEAD_KIND_COUNT; kind++) {
        if (acceptor->table.lists[LIST_READY + kind].first != NOTHING) {
            return true;
        }
    }
    return false;
}

// ---- the loop ----

static void handle(struct acceptor *acceptor, const struct epoll_event *event) {
    int fd = event->data.fd;
    eventfd_t ignored;
    if (fd == acceptor->listening) {
        return; // after the others, which may make room
    }
    if (fd == acceptor->wake_fd) {
        eventfd_read(fd, &ignored);
    } else if (fd == acceptor->stop_fd) {
        acceptor->is_stopping = true;
    } else {
        look(acceptor, fd, event->events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR));
    }
}

// One round; the lock is held but for the wait itself.
static void take_events(struct acceptor *acceptor, int timeout_ms) {
    struct epoll_event events[EVENTS_AT_ONCE];
    pthread_mutex_unlock(&acceptor->lock);
    int count = epoll_wait(acceptor->epoll_fd, events, EVENTS_AT_ONCE, timeout_ms);
    pthread_mutex_lock(&acceptor->lock);
    acceptor->now_ms = receive_clock_ms();
    bool has_new = false;
    for (int i = 0; i < count; i++) {
        has_new = has_new || events[i].data.fd == acceptor->listening;
        handle(acceptor, &events[i]);
    }
    if (has_new) {
        accept_some(acceptor);
    }
    expire(acceptor);
}

static void listen_on(struct acceptor *acceptor, int listening) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listening};
    if (acceptor->listening != listening) {
        acceptor->listening = listening;
        fcntl(listening, F_SETFL, fcntl(listening, F_GETFL) | O_NONBLOCK);
        epoll_ctl(acceptor->epoll_fd, EPOLL_CTL_ADD, listening, &event);
    }
}

bool acceptor_wait(struct acceptor *acceptor, int listening, int timeout_ms) {
    pthread_mutex_lock(&acceptor->lock);
    listen_on(acceptor, listening);
    acceptor->now_ms = receive_clock_ms();
    int64_t until_ms = acceptor->now_ms + timeout_ms;
    take_events(acceptor, 0);
    bool found = choose(acceptor);
    while (!found && !acceptor->is_stopping && acceptor->now_ms < until_ms) {
        int64_t left_ms = next_deadline_ms(acceptor, until_ms) - acceptor->now_ms;
        take_events(acceptor, left_ms > 0 ? (int)left_ms : 0);
        found = choose(acceptor);
    }
    atomic_store_explicit(&acceptor->is_crowded, has_ready(acceptor) && !found,
                          memory_order_relaxed);
    pthread_mutex_unlock(&acceptor->lock);
    return found;
}

int acceptor_take(struct acceptor *acceptor, struct sockaddr_in *ret_peer) {
    pthread_mutex_lock(&acceptor->lock);
    int fd = acceptor->chosen;
    if (fd != NOTHING) {
        struct connection *connection = &acceptor->table.connections[fd];
        if (connection->is_watched) {
            epoll_ctl(acceptor->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
        }
        connection_unlink(&acceptor->table, fd);
        acceptor->served++;
        if (connection->ticket.client != NOTHING) {
            acceptor->table.clients[connection->ticket.client].served++;
        }
        *ret_peer = connection->ticket.peer;
        acceptor->chosen = NOTHING;
    }
    pthread_mutex_unlock(&acceptor->lock);
    return fd;
}

void acceptor_begin(struct acceptor *acceptor, int socket, struct acceptor_ticket *ret_ticket) {
    pthread_mutex_lock(&acceptor->lock);
    *ret_ticket = acceptor->table.connections[socket].ticket;
    pthread_mutex_unlock(&acceptor->lock);
}

void acceptor_end(struct acceptor *acceptor, const struct acceptor_ticket *ticket, int parked) {
    pthread_mutex_lock(&acceptor->lock);
    acceptor->served--;
    if (ticket->client != NOTHING) {
        acceptor->table.clients[ticket->client].served--;
    }
    if (parked >= 0 && (size_t)parked < acceptor->table.size) {
        acceptor->now_ms = receive_clock_ms();
        acceptor->table.connections[parked] =
            (struct connection){.ticket = {.peer = ticket->peer, .client = ticket->client}};
        connection_move(&acceptor->table, parked, LIST_IDLE, acceptor->now_ms);
        look(acceptor, parked, false);
        watch(acceptor, parked);
    } else {
        client_leave(&acceptor->table, ticket->client);
        if (parked >= 0) {
            close(parked);
        }
    }
    bool is_wanted = has_ready(acceptor);
    pthread_mutex_unlock(&acceptor->lock);
    if (is_wanted) {
        eventfd_write(acceptor->wake_fd, 1);
    }
}

struct acceptor_load acceptor_load(struct acceptor *acceptor) {
    pthread_mutex_lock(&acceptor->lock);
    int waiting = connection_count(&acceptor->table, LIST_BODY);
    struct acceptor_load load = {.busy = acceptor->served + waiting,
                                 .open = acceptor->table.waiting - waiting};
    pthread_mutex_unlock(&acceptor->lock);
    return load;
}

// ---- closing the port ----

void acceptor_close_port(struct acceptor *acceptor) {
    const struct timespec handshakes = {.tv_nsec = HANDSHAKE_MS * 1000000L};
    pthread_mutex_lock(&acceptor->lock);
    int listening = acceptor->listening;
    pthread_mutex_unlock(&acceptor->lock);
    if (listening == NOTHING) {
        return;
    }
    listen_ignore_newcomers(listening);
    nanosleep(&handshakes, NULL);
    pthread_mutex_lock(&acceptor->lock);
    acceptor->now_ms = receive_clock_ms();
    while (accept_some(acceptor)) {
    }
    listen_end(listening);
    pthread_mutex_unlock(&acceptor->lock);
    eventfd_write(acceptor->wake_fd, 1);
}

bool acceptor_is_crowded(const struct acceptor *acceptor) {
    return atomic_load_explicit(&acceptor->is_crowded, memory_order_relaxed);
}

// ---- making ----

static size_t descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur > DESCRIPTORS_MAX) {
        return DESCRIPTORS_MAX;
    }
    return (size_t)limit.rlim_cur;
}

static bool open_descriptors(struct acceptor *acceptor, int stop_fd) {
    acceptor->stop_fd = stop_fd;
    acceptor->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    acceptor->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    acceptor->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    struct epoll_event wake = {.events = EPOLLIN, .data.fd = acceptor->wake_fd};
    struct epoll_event stop = {.events = EPOLLIN | EPOLLET, .data.fd = stop_fd};
    return acceptor->epoll_fd >= 0 && acceptor->wake_fd >= 0 && acceptor->spare_fd >= 0 &&
           epoll_ctl(acceptor->epoll_fd, EPOLL_CTL_ADD, acceptor->wake_fd, &wake) == 0 &&
           epoll_ctl(acceptor->epoll_fd, EPOLL_CTL_ADD, stop_fd, &stop) == 0;
}

static bool make_table(struct acceptor *acceptor) {
    const struct acceptor_settings *settings = &acceptor->settings;
    const int waits_ms[LIST_COUNT] = {
        [LIST_FRESH] = settings->head_ms,
        [LIST_OVER] = settings->head_ms < OVER_MS ? settings->head_ms : OVER_MS,
        [LIST_IDLE] = settings->idle_ms,
        [LIST_BODY] = settings->body_ms,
        [LIST_READY + HEAD_ORDINARY] = READY_MS,
        [LIST_READY + HEAD_ADMIN] = READY_MS,
        [LIST_READY + HEAD_WATCH] = READY_MS,
    };
    size_t size = descriptor_limit();
    acceptor->waiting_max =
        (int)(size > (size_t)2 * OTHER_DESCRIPTORS ? size - OTHER_DESCRIPTORS : size / 4);
    return connection_table_init(&acceptor->table, size, waits_ms);
}

enum status acceptor_new(const struct acceptor_settings *settings, int stop_fd,
                         struct acceptor **ret_acceptor, struct error *err) {
    enum { FEWEST_THREADS_WITH_RESERVE = 4, RESERVE_DIVISOR = 16 };
    struct acceptor *acceptor = calloc(1, sizeof *acceptor);
    if (!acceptor) {
        return fail_no_memory(err);
    }
    acceptor->settings = *settings;
    acceptor->reserve = settings->threads >= FEWEST_THREADS_WITH_RESERVE
                            ? (settings->threads + RESERVE_DIVISOR) / RESERVE_DIVISOR
                            : 0;
    acceptor->listening = NOTHING;
    acceptor->chosen = NOTHING;
    pthread_mutex_init(&acceptor->lock, NULL);
    bool has_descriptors = open_descriptors(acceptor, stop_fd);
    int error = errno;
    if (!make_table(acceptor)) {
        acceptor_free(acceptor);
        return fail_no_memory(err);
    }
    if (!has_descriptors) {
        acceptor_free(acceptor);
        return fail(err, STATUS_IO, NULL, "Cannot start serving: %s", strerror(error));
    }
    *ret_acceptor = acceptor;
    return STATUS_OK;
}

void acceptor_free(struct acceptor *acceptor) {
    if (!acceptor) {
        return;
    }
    for (enum list_name name = LIST_FRESH; acceptor->table.connections && name < LIST_COUNT;
         name++) {
        while (acceptor->table.lists[name].first != NOTHING) {
            drop(acceptor, acceptor->table.lists[name].first);
        }
    }
    cleanup_fd(&acceptor->epoll_fd);
    cleanup_fd(&acceptor->wake_fd);
    cleanup_fd(&acceptor->spare_fd);
    pthread_mutex_destroy(&acceptor->lock);
    connection_table_done(&acceptor->table);
    free(acceptor);
}
