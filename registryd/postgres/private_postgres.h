// SPDX-License-Identifier: MIT
// The private PostgreSQL: a cluster under the data directory, on a unix socket only, run by a
// supervisor process that is forked before the daemon has any thread. The supervisor restarts the
// postmaster when it dies. When registryd itself dies, the postmaster stays for the next registryd
// to adopt; if none comes within `linger_seconds`, the supervisor stops it.
//
// In the data directory: postgres/ (the cluster), postgres.log (what it says), LOCK (see data_lock.h).
#pragma once

#include "schema/base/error.h"
#include "schema/base/log.h"

struct private_postgres;

struct private_postgres_settings {
    const char *data_dir;     // absolute
    const char *postgres_bin; // folder of the programs; NULL = look for them
    const char
        *operator_user; // user of the operating system who may connect as the owner; borrowed
    int linger_seconds;
    const struct log_sink *log; // borrowed; used by the supervisor too
};

// Makes the cluster when there is none, starts or adopts its postmaster, and waits until it answers;
// a long recovery is not waited for. Call before any thread exists, as an unprivileged user, holding
// the data directory's lock. *ret_postgres is owned.
// Fails with: IO (no PostgreSQL programs, directory not usable), CONFLICT (the cluster was made by
// another major version; the message says how to move), UNAVAILABLE (it does not start), NO_MEMORY.
enum status private_postgres_start(const struct private_postgres_settings *settings,
                                   struct private_postgres **ret_postgres, struct error *err);

// The libpq connection strings of the cluster: as the role of the running daemon, and as the owner of
// everything, who makes that role. Borrowed.
const char *private_postgres_conninfo(const struct private_postgres *postgres);
const char *private_postgres_owner_conninfo(const struct private_postgres *postgres);

// Lets the user that registryd runs as connect as the owner, for the migrations. Call it before each attempt to
// connect: the supervisor of a killed registryd may have started a postmaster before our start wrote pg_ident.conf.
// Fails with: IO, DISK_FULL.
enum status private_postgres_lend_owner(const struct private_postgres *postgres, struct error *err);

// After the migrations: the user that registryd runs as can no longer connect as the owner, unless it is
// the operator. A restart lends it again. Fails with: IO, DISK_FULL.
enum status private_postgres_withdraw_owner(const struct private_postgres *postgres,
                                            struct error *err);

// Readable when private_postgres_tend has something to do.
int private_postgres_fd(const struct private_postgres *postgres);
// Reads what the supervisor says; forks a new one when it is gone. Threads may exist: a supervisor
// allocates nothing.
void private_postgres_tend(struct private_postgres *postgres);

// Stops the postmaster (SIGINT, after 20 s SIGQUIT) and waits for it. Frees the handle.
void private_postgres_stop(struct private_postgres *postgres);
