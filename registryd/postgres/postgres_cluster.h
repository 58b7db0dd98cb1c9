// SPDX-License-Identifier: MIT
// The files of the private cluster: making it with initdb, and its configuration. Runs before any
// postmaster does.
#pragma once

#include "registryd/postgres/program.h"

#include <stdbool.h>

// The version that made the cluster in `cluster_dir`; *ret_major 0 = there is none yet.
// Fails with: IO (something is there that is no cluster).
enum status postgres_cluster_version(const char *cluster_dir, int *ret_major, struct error *err);

// Makes the cluster: whole or not at all. Fails with: IO, DISK_FULL.
enum status postgres_cluster_make(const char *cluster_dir, const struct postgres_programs *programs,
                                  struct error *err);

// Writes registryd.conf and pg_hba.conf anew, so that they fit this program. Fails with: IO, DISK_FULL.
enum status postgres_cluster_configure(const char *cluster_dir, int major, struct error *err);

// Which users of the operating system may connect, and as whom (pg_ident.conf).
struct cluster_logins {
    const char *daemon; // the user that registryd runs as: as the daemon's role and to back up
    const char *operator_user; // as the owner, always
    bool daemon_is_owner;      // the daemon, too, as the owner: while migrations run
};

// A running postmaster reads the file again at a SIGHUP only. Fails with: IO, DISK_FULL.
enum status postgres_cluster_admit(const char *cluster_dir, const struct cluster_logins *logins,
                                   struct error *err);
