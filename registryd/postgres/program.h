// SPDX-License-Identifier: MIT
// Starting other programs (initdb, postgres) without a shell: a clean environment, no descriptor of
// ours but those given, default signals.
#pragma once

#include "schema/base/error.h"

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
