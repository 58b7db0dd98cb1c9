// SPDX-License-Identifier: MIT
// Following the history: a thread that listens to the database, reads every change by serial, and
// refreshes what is in memory. Notifications only wake it; the truth is what it reads, at the latest
// every five seconds. Another history is loaded aside, and takes the place of the one before as a whole.
#pragma once

#include "registryd/index/index_state.h"

// Reads and applies all changes up to now. Called by the feed's thread, and in its place by a reader
// that needs the groups to be of one state while the feed is not following.
// Fails with: UNAVAILABLE, NO_MEMORY, INTERNAL.
enum status feed_catch_up(struct index *index, struct error *err);

// While nothing is applied (`applying` is held): takes over the history that the database has, when it is another than
// the index has. What was read before may be of either; see `histories`. Nothing before the first epoch.
// Fails with: UNAVAILABLE, NO_MEMORY, INTERNAL.
enum status feed_follow_history(struct index *index, struct error *err);

// The thread; the argument is the index. Ends when wake_fd is readable.
void *feed_run(void *index);
