// SPDX-License-Identifier: MIT
// Where connections wait. civetweb gives each connection a worker thread from its first byte to its
// last, so a few thousand silent clients would take every thread. Here a connection takes a worker only
// while a request is served: registryd accepts connections itself, watches them with one epoll
// descriptor, and hands a connection to civetweb when the head of its request (and a small body) has
// arrived. Between two requests the worker gives the connection back.
//
// One thread (civetweb's master, through civetweb_shim.c) calls acceptor_wait and acceptor_take; workers
// call the rest. The state is under one lock, which no system call that may block is made under.
#pragma once

#include "registryd/access/refusal_log.h"
#include "registryd/http/connection_table.h"
#include "registryd/http/head/forwarded.h"

#include <stdbool.h>
#include <stdint.h>

struct acceptor;

struct acceptor_settings {
    int threads;                     // connections served at once
    int per_address;                 // connections of one address; 0 = unlimited
    int head_ms;                     // for the first head
    int idle_ms;                     // for the next head on an open connection
    int body_ms;                     // for a small body behind its head
    const struct forwarded *proxies; // these addresses are not limited; borrowed; NULL = none
    const struct log_sink *log;
    struct refusal_log *refusals; // borrowed; NULL = nothing is logged
};

// `stop_fd` is readable once the server stops. Owned. Fails with: NO_MEMORY, IO.
enum status acceptor_new(const struct acceptor_settings *settings, int stop_fd,
                         struct acceptor **ret_acceptor, struct error *err);

// Closes the connections that wait. NULL is fine.
void acceptor_free(struct acceptor *acceptor);

// Waits until a connection may be served; false when the time is over or the server stops.
bool acceptor_wait(struct acceptor *acceptor, int listening, int timeout_ms);

// The connection that acceptor_wait found: its socket and its peer; -1 when there is none.
int acceptor_take(struct acceptor *acceptor, struct sockaddr_in *ret_peer);

// A worker begins with this socket: what the acceptor knows of it.
void acceptor_begin(struct acceptor *acceptor, int socket, struct acceptor_ticket *ret_ticket);

// The worker is free again. `parked` is a duplicate of the socket when the connection stays open, and
// is owned from now on; -1 when the connection is closed.
void acceptor_end(struct acceptor *acceptor, const struct acceptor_ticket *ticket, int parked);

// Closes the port: who connects from now on is refused by the system. Connections that the system had already
// accepted come in first, so that none of them is reset. Any thread; takes a few hundredths of a second.
void acceptor_close_port(struct acceptor *acceptor);

// What there is still to do.
struct acceptor_load {
    int busy; // requests that have begun to arrive, wait for a worker, or are served
    int open; // connections without a request
};

// Any thread.
struct acceptor_load acceptor_load(struct acceptor *acceptor);

// Whether requests wait for a worker: then no worker should wait for its client. Any thread.
bool acceptor_is_crowded(const struct acceptor *acceptor);
