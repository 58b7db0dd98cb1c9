// SPDX-License-Identifier: MIT
// Runs a Python program that tells about its interpreter: without a shell, isolated (-I), bounded in
// time and output. It is the interpreter somebody pointed at; nothing of plugins is imported.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/text.h"

struct python_program {
    const char *python; // a path, or a name to find on PATH
    const char *source;
    const char *argument; // its sys.argv[1]; NULL = none
    int timeout_ms;
    size_t max_bytes; // of what it prints
};

// What it printed. Arena. Fails with: IO (it cannot be started, or failed; with what it said last),
// TIMEOUT, TOO_LARGE, NO_MEMORY.
enum status python_run(struct arena *arena, const struct python_program *program,
                       struct text *ret_printed, struct error *err);
