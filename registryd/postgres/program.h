// SPDX-License-Identifier: MIT
// The programs of PostgreSQL: which installed ones run the private cluster, and starting them without a
// shell: a clean environment, no descriptor of ours but those given, default signals.
#pragma once

#include "schema/base/error.h"

#include <limits.h>
#include <sys/types.h>

// Forks and executes argv[0] (a path). Its output and errors go to `output_fd`; `keep_fd` (-1 = none)
// stays open in it. Allocates nothing. The pid, or -1 with errno.
pid_t program_spawn(const char *const *argv, int output_fd, int keep_fd);

struct program_output {
    char text[2048]; // the last bytes written
    int exit_status; // as of waitpid
};

// Runs a program to its end, at most `timeout_ms`; then it is killed.
// Fails with: IO (cannot be started, or took too long).
enum status program_run(const char *const *argv, int timeout_ms, struct program_output *ret_output,
                        struct error *err);

enum { POSTGRES_OLDEST_MAJOR = 13 };

struct postgres_programs {
    char initdb[PATH_MAX];
    char postgres[PATH_MAX];
    int major; // version of both
};

// In `bin_dir` when it is given; else the folders of the distributions, newest first; else the PATH.
// `wanted_major` 0 = any from POSTGRES_OLDEST_MAJOR on; else that one, as a cluster can only be run
// by the version that made it.
// Fails with: IO (there is none), CONFLICT (there are only others; says how to move).
enum status postgres_programs_find(const char *bin_dir, int wanted_major,
                                   struct postgres_programs *ret_programs, struct error *err);
