// SPDX-License-Identifier: MIT
// A postmaster as seen from outside: its postmaster.pid, /proc and the folder of its socket. Only
// socket_dir_make allocates; the supervisor uses the rest.
#pragma once

#include "schema/base/error.h"

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

// SIGHUP: the postmaster reads its configuration again.
void postmaster_reload(int process_fd);

// SIGINT (fast shutdown), after 20 s SIGQUIT (immediate); never SIGKILL. False when even that did
// not end it in time.
bool postmaster_stop(int process_fd);

// The folder of the unix socket. A socket's path has 107 bytes at the most and a data directory may be deep,
// so it is a short folder of its own, ours alone (0700). Its name comes from the data directory's place on
// the disk, so a crash leaves nothing that is not found again.

// The folder the last postmaster used when it is still there and ours; else the one that belongs to
// `data_dir`, under $RUNTIME_DIRECTORY, $XDG_RUNTIME_DIR, /run/registryd or /tmp; else, when somebody
// sits on that name or `avoid` (may be NULL) is it, one with a name of its own. Fails with: IO.
enum status socket_dir_make(const struct postmaster *last, const char *data_dir, const char *avoid,
                            char ret_dir[SOCKET_DIR_SIZE], struct error *err);

// Removes the folder and the socket in it, if it is one of ours. Allocates nothing.
void socket_dir_remove(const char *dir);
