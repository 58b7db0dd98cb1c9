// SPDX-License-Identifier: MIT
// How far long work is: one line on standard error that is written over, only where a person looks at
// a terminal, and gone before anything else is printed.
#pragma once

#include "client/cli/console/output.h"

struct progress {
    struct output output; // on standard error
    bool active;
    bool shown;
    size_t total; // things to do
    size_t at;    // the one being done, from 1
    const char *what;
    long long told_ms; // when the line was last written
};

// `total` things are to be done.
void progress_init(struct progress *progress, const struct output *output, size_t total);

// Now the next one, called `what` (borrowed until the next call).
void progress_step(struct progress *progress, const char *what);

// Bytes of it are on their way.
void progress_bytes(void *progress, size_t sent_bytes, size_t total_bytes);

// Takes the line away: before printing anything, and at the end.
void progress_clear(struct progress *progress);
