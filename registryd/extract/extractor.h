// SPDX-License-Identifier: MIT
// The daemon's side of artifact reading: runs `registryd-extract` for one artifact, hands it the
// file for reading, waits a bounded time and reads a bounded answer. A crash, a time-out or
// nonsense is a fault of that artifact (INVALID) and one line in the log, never a fault of the daemon.
// Any thread; each call is one process, and only a few run at once.
#pragma once

#include "registryd/extract/answer.h"
#include "registryd/extract/extractor_input.h"
#include "schema/base/log.h"
#include "schema/base/text.h"

struct extractor;

struct extractor_settings {
    const char *program; // path of registryd-extract; NULL = beside this program; borrowed
    int timeout_ms;      // of one call, over the CPU limit; as long a call waits for its turn
    int at_once;         // processes; further uploads wait
    const struct log_sink *log; // borrowed
};

// Opens the program, so that it can be started even when its folder is closed to the user the daemon
// becomes later. Owned. Fails with: IO (it is not there or is no program), NO_MEMORY.
enum status extractor_open(const struct extractor_settings *settings,
                           struct extractor **ret_extractor, struct error *err);
void extractor_close(struct extractor *extractor);

// Another task than an artifact, one of show.h: the answer as the process wrote it, within the buffer's limit. Nothing in
// it is to be believed. Fails with: INVALID (the process died, hung or could not answer); TOO_MANY, INTERNAL as below.
enum status extractor_show(struct extractor *extractor, const struct extractor_input *input,
                           struct buffer *answer, struct error *err);

// Reads an artifact in a process of its own; everything is in the arena of the findings. File name,
// size and digest of the result are the daemon's own. Fails as artifact_read does; INVALID with the
// code "extractor-crashed" or "extractor-timeout" among the findings when the process died, hung or
// talked nonsense; TOO_MANY when there was no turn in time; INTERNAL when it could not be started.
enum status extractor_read(struct extractor *extractor, const struct extractor_input *input,
                           struct findings *findings, struct extraction *ret_extraction,
                           struct error *err);
