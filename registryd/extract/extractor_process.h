// SPDX-License-Identifier: MIT
// One process of the extractor from its start to its end. Internal to the extractor*.c files; any
// thread.
#pragma once

#include "schema/base/error.h"
#include "schema/base/text.h"
#include "registryd/extract/extractor_input.h"

struct extractor_process {
    int program_fd;                      // opened at the start, so that it cannot be exchanged
    int timeout_ms;                      // after which it is killed
    const struct extractor_input *input; // what it reads
};

enum process_end {
    PROCESS_ANSWERED,  // it ended well; the answer is whole
    PROCESS_CRASHED,   // by a signal, or with another exit status than 0
    PROCESS_LATE,      // killed at the deadline
    PROCESS_TALKATIVE, // killed because its answer went over the buffer's limit
};

// Starts it, collects its answer and reaps it. Fails with: INTERNAL (it cannot be started), NO_MEMORY.
enum status extractor_process_run(const struct extractor_process *process, struct buffer *answer,
                                  enum process_end *ret_end, struct error *err);
