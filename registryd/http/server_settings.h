// SPDX-License-Identifier: MIT
// The settings of the server.
#pragma once

#include "registryd/http/head/forwarded.h"
#include "registryd/http/router.h"

// Numbers that are 0 take the default in brackets.
// Example: with the defaults a body of 1 MiB may take 30 + 16 seconds.
struct server_settings {
    const char *listen;          // "HOST:PORT"; port 0 = a free one
    int threads;                 // connections served at once [2048]
    int head_timeout_ms;         // for the first request's line and headers; of one silence [10000]
    int idle_timeout_ms;         // for the next request on an open connection [15000]
    int body_timeout_ms;         // for a body or a reply to pass, and ... [30000]
    int body_bytes_per_second;   // ... one second more for each of these [65536]
    int bodies_at_once;          // places for bodies over placeless_body_bytes [32]
    int placeless_body_bytes;    // bodies up to here need no place [65536]
    int connections_per_address; // of one address; 0 = unlimited
    size_t memory_bytes;         // for bodies and answers under way; 0 = unlimited
    struct api *api;             // borrowed
    const struct log_sink *log;
    const struct forwarded *proxies; // whose X-Forwarded-For is believed; borrowed; NULL = none
    const struct route *routes;      // NULL = routes_table()
    size_t route_count;
};
