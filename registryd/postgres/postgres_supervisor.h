// SPDX-License-Identifier: MIT
// The process between registryd and its private postmaster: starts or adopts the postmaster, restarts
// it when it dies, and outlives a registryd that crashed for a while. It allocates nothing and takes
// no lock of the C library, so it may be forked from a process with threads.
#pragma once

#include "registryd/postgres/postmaster.h"

#include "schema/base/log.h"

#include <limits.h>

enum { DATA_DIR_SIZE = PATH_MAX - 128, CLUSTER_DIR_SIZE = PATH_MAX - 64 }; // room for names below

struct supervisor_settings {
    char data_dir[DATA_DIR_SIZE];
    char cluster_dir[CLUSTER_DIR_SIZE];
    char postgres[PATH_MAX];          // the program
    char socket_dir[SOCKET_DIR_SIZE]; // a postmaster with another one is stopped, not adopted
    int linger_seconds;               // that it waits for another daemon
    const struct log_sink *log;
};

// What goes over the control socket (SOCK_SEQPACKET), one byte a message. The end of registryd is
// the end of the stream.
enum supervisor_message {
    SUPERVISOR_STOP = 's',  // to the supervisor: stop the postmaster and end
    SUPERVISOR_ENDED = 'e', // from it: the postmaster ended without being told to
};

// Forks a supervisor; *ret_control_fd is owned. The pid, or -1 with errno.
pid_t supervisor_open(const struct supervisor_settings *settings, int *ret_control_fd);
