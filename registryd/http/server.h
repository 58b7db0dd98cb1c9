// SPDX-License-Identifier: MIT
// The HTTP server: the only user of civetweb. One catch-all hands each request through validate
// (hygiene), router (THE route table) and a handler of api/, and sends the reply. Threads are
// civetweb's workers, one per connection.
#pragma once

#include "registryd/http/server_settings.h"

struct server;

// Binds and serves. Owned. Fails with: IO (the port is taken, the address is not ours: one clear
// sentence), USAGE (listen is not HOST:PORT).
enum status server_start(const struct server_settings *settings, struct server **ret_server,
                         struct error *err);

// "127.0.0.1:7621": what it listens on in fact. Borrowed.
const char *server_address(const struct server *server);

// The server is about to stop: it serves on, but /readyz says 503, and every answer closes its connection, so that
// no proxy keeps one.
void server_leave(struct server *server);

// Closes the port, waits up to `drain_ms` for the requests of connections that are open, then closes
// everything and frees. NULL is fine.
void server_stop(struct server *server, int drain_ms);
