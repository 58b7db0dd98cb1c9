// SPDX-License-Identifier: MIT
// The private PostgreSQL: a cluster under the data directory, on a unix socket only, run by a
// supervisor process that is forked before the daemon has any thread. The supervisor restarts the
// postmaster when it dies. When registryd itself dies, the postmaster stays for the next registryd
// to adopt; if none comes within a minute, the supervisor stops it.
#pragma once

#include "schema/base/error.h"
#include "schema/base/log.h"

struct private_postgres;

// Makes the cluster when there is none, starts or adopts its postmaster, and waits until it answers.
// Call before any thread exists, as an unprivileged user, holding the data directory's lock.
// *ret_postgres is owned. Fails with: IO (no PostgreSQL programs, directory not usable), CONFLICT
// (the cluster was made by another major version; the message says how to move), UNAVAILABLE.
enum status private_postgres_start(const char *data_dir, const struct log_sink *log,
                                   struct private_postgres **ret_postgres, struct error *err);

// The libpq connection string of the cluster. Borrowed.
const char *private_postgres_conninfo(const struct private_postgres *postgres);

// Stops the postmaster (SIGINT, after 20 s SIGQUIT) and waits for it. Frees the handle.
void private_postgres_stop(struct private_postgres *postgres);
