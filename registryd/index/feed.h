// SPDX-License-Identifier: MIT
// Following the history: a thread that listens to the database, reads every change by serial, and
// refreshes what is in memory. Notifications only wake it; the truth is what it reads, at the latest
// every five seconds. A new epoch empties the memory.
#pragma once

#include "registryd/index/index_state.h"

// Reads and applies all changes up to now. Called by the feed's thread, and in its place by a reader
// that needs the groups to be of one state while the feed is not following.
// Fails with: UNAVAILABLE, NO_MEMORY, INTERNAL.
enum status feed_catch_up(struct index *index, struct error *err);

// The thread; the argument is the index. Ends when wake_fd is readable.
void *feed_run(void *index);
