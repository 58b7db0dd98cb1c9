// SPDX-License-Identifier: MIT
// One process of the extractor from its start to its end. It is started without a task and waits for one on a socket,
// so that a process can stand ready before an artifact comes: loading its libraries takes longer than reading a wheel.
// Each process reads one artifact. Internal to the extractor*.c files; any thread.
#pragma once

#include "registryd/extract/extractor_input.h"
#include "schema/base/error.h"
#include "schema/base/text.h"

#include <sys/types.h>

// Ends in extractor_process_run or extractor_process_stop.
struct extractor_process {
    pid_t pid;     // 0: none
    int task_fd;   // the artifact goes out there
    int answer_fd; // its answer comes in here
};

#define EXTRACTOR_PROCESS_NONE ((struct extractor_process){.task_fd = -1, .answer_fd = -1})

enum process_end {
    PROCESS_ANSWERED,  // it ended well; the answer is whole
    PROCESS_CRASHED,   // by a signal, or with another exit status than 0
    PROCESS_LATE,      // killed at the deadline
    PROCESS_TALKATIVE, // killed because its answer went over the buffer's limit
};

// Starts a process; `program_fd` is the program, opened when the daemon started, so that it cannot be exchanged.
// Fails with: INTERNAL (it cannot be started).
enum status extractor_process_start(int program_fd, struct extractor_process *ret_process,
                                    struct error *err);

// Whether it still waits for a task.
bool extractor_process_is_ready(const struct extractor_process *process);

// Hands it the artifact, collects its answer and reaps it; after `timeout_ms` it is killed.
// Fails with: INTERNAL (the artifact cannot be passed on), NO_MEMORY.
enum status extractor_process_run(struct extractor_process *process,
                                  const struct extractor_input *input, int timeout_ms,
                                  struct buffer *answer, enum process_end *ret_end,
                                  struct error *err);

// Ends a process that has no task.
void extractor_process_stop(struct extractor_process *process);
