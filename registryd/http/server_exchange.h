// SPDX-License-Identifier: MIT
// One request on civetweb's connection, from its headers to the last byte of the reply. Internal to
// the server_*.c files. Called on civetweb's worker threads.
#pragma once

#include "registryd/api/monitoring/metrics.h"
#include "registryd/http/connections.h"
#include "registryd/http/civetweb_shim.h"
#include "registryd/http/server.h"

struct mg_connection;
struct mg_context;

struct server {
    struct server_settings settings; // with the defaults filled in
    struct router router;
    struct mg_context *civetweb;
    struct connections connections;
    struct metrics_route *metrics_routes; // owned
    struct metrics *metrics;              // owned; NULL = nothing is counted
    struct receive_watch watch;           // wake_fd is readable once the server stops
    char address[64];
    uint32_t id_prefix; // so that the request ids of two runs differ
    atomic_uint id_counter;
    atomic_bool draining;
    atomic_int under_way;
    atomic_int bodies;
    atomic_int large_bodies;
};

// Answers a request civetweb could read. Returns the status code sent.
int server_exchange(struct server *server, struct mg_connection *connection);

// Answers one it could not read; `code` is the status civetweb would have sent.
void server_exchange_unreadable(struct server *server, struct mg_connection *connection, int code);

// Frees what the calling thread kept for its next request.
void server_exchange_thread_done(void);
