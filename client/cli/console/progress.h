// SPDX-License-Identifier: MIT
// The progress of long work: one line on standard error that is overwritten. It is shown on a terminal
// only, and it must be cleared before anything else is printed.
#pragma once

#include "client/cli/console/output.h"

struct progress {
    struct output output; // on standard error
    bool active;          // standard error is a terminal
    bool shown;           // a line is there and must be erased
    size_t total;         // steps
    size_t at;            // the current step, from 1
    const char *what;     // is being done
    long long written_ms; // when the line was last written
};

// There are `total` steps.
void progress_init(struct progress *progress, const struct output *output, size_t total);

// The next step begins; `what` names it (borrowed until the next call).
void progress_step(struct progress *progress, const char *what);

// Reports the bytes sent of the current step.
void progress_bytes(void *progress, size_t sent_bytes, size_t total_bytes);

// Reports a wait that the registry asked for, once a second: as struct patience tells. A terminal gets the seconds that
// are left in the line; anything else one line at the beginning.
void progress_wait(void *progress, int left_s, int total_s);

// Clears the line: before printing anything, and at the end.
void progress_clear(struct progress *progress);
