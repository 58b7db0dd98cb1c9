// SPDX-License-Identifier: MIT
// The files of the private cluster: making it with initdb, and its configuration. Runs before any
// postmaster does.
#pragma once

#include "registryd/postgres/program.h"

// The version that made the cluster in `cluster_dir`; *ret_major 0 = there is none yet.
// Fails with: IO (something is there that is no cluster).
enum status postgres_cluster_version(const char *cluster_dir, int *ret_major, struct error *err);

// Makes the cluster: whole or not at all. Fails with: IO, DISK_FULL.
enum status postgres_cluster_make(const char *cluster_dir, const struct postgres_programs *programs,
                                  struct error *err);

// Writes registryd.conf, pg_hba.conf and pg_ident.conf anew, so that they fit this program and the
// user it runs as. Fails with: IO, DISK_FULL.
enum status postgres_cluster_configure(const char *cluster_dir, int major, const char *os_user,
                                       struct error *err);
