// SPDX-License-Identifier: MIT
// The daemon's life: from settings to serving, and back down in the opposite order. One thread (the
// main one) calls this; the threads of HTTP and of the feed live in between.
//
// Serving starts before the database is up to date: until then /readyz says 503. A database that is
// away is tried again, for ever; one that can never be used (a newer schema) ends the daemon.
#pragma once

#include "registryd/config/config.h"

struct daemon;

// Becomes the right user, takes the data directory, starts the private PostgreSQL and serves HTTP.
// Owned. Both arguments are borrowed for the daemon's life. Fails with: USAGE, IO, CONFLICT,
// UNAVAILABLE, and what else a step says.
enum status daemon_start(const struct config *config, const struct log_sink *log,
                         struct daemon **ret_daemon, struct error *err);

// Brings the database up to date, says "ready", and waits for SIGTERM, SIGINT or SIGHUP.
// Fails with: what makes serving pointless, e.g. CONFLICT.
enum status daemon_run(struct daemon *daemon, struct error *err);

// Drains, stops everything and frees. NULL is fine.
void daemon_stop(struct daemon *daemon);
