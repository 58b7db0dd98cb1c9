// SPDX-License-Identifier: MIT
// A postmaster as seen from outside: its postmaster.pid and /proc. Nothing here allocates, as the
// supervisor uses it.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

enum { SOCKET_DIR_SIZE = 94 }; // with "/.s.PGSQL.5432" 107 bytes and a NUL: what a socket can have

enum postmaster_state {
    POSTMASTER_NONE,  // no file, or its process is gone
    POSTMASTER_STALE, // the file names a zombie or a process that is no postgres of this cluster
    POSTMASTER_ALIVE,
};

struct postmaster {
    pid_t pid;
    char socket_dir[SOCKET_DIR_SIZE]; // as the file says, also when the process is gone; may be ""
    bool ready;                       // accepts connections
};

// Reads the cluster's postmaster.pid. *ret_postmaster is filled as far as the file goes.
enum postmaster_state postmaster_find(const char *cluster_dir, struct postmaster *ret_postmaster);

// Whether somebody listens on the socket in `socket_dir`.
bool postmaster_listens(const char *socket_dir);

// An fd that is readable once the process has ended. -1 when it has already.
int postmaster_open(pid_t pid);

// SIGINT (fast shutdown), after 20 s SIGQUIT (immediate); never SIGKILL. False when even that did
// not end it in time.
bool postmaster_stop(int process_fd);
