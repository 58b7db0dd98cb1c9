// SPDX-License-Identifier: MIT
// The HTTP server: the only user of civetweb. One catch-all hands each request through validate
// (hygiene), router (THE route table) and a handler of api/, and sends the reply. Threads are
// civetweb's workers, one per connection.
#pragma once

#include "registryd/http/forwarded.h"
#include "registryd/http/router.h"

struct server;

// Numbers that are 0 take the default in brackets.
struct server_settings {
    const char *listen;          // "HOST:PORT"; port 0 = a free one
    int threads;                 // connections served at once [2048]
    int head_timeout_ms;         // for the first request's line and headers; of one silence [10000]
    int idle_timeout_ms;         // for the next request on an open connection [15000]
    int body_timeout_ms;         // for a body or a reply to pass, and ... [30000]
    int body_bytes_per_second;   // ... one second more for each of these [65536]
    int bodies_at_once;          // requests with a body under way; more get 429 [32]
    int connections_per_address; // more are closed at once; 0 = no bound
    struct api *api;             // borrowed
    const struct log_sink *log;
    const struct forwarded *proxies; // whom X-Forwarded-For is believed; borrowed; NULL = nobody
    const struct route *routes;      // NULL = routes_table()
    size_t route_count;
};

// Binds and serves. Owned. Fails with: IO (the port is taken, the address is not ours: one clear
// sentence), USAGE (listen is not HOST:PORT).
enum status server_start(const struct server_settings *settings, struct server **ret_server,
                         struct error *err);

// "127.0.0.1:7621": what it listens on in fact. Borrowed.
const char *server_address(const struct server *server);

// New requests get 503 and `Connection: close`; waits up to `drain_ms` for those under way, then
// closes everything and frees.
void server_stop(struct server *server, int drain_ms);
