// SPDX-License-Identifier: MIT
// The thread that removes from the object store what uploads left there that did not end.
#pragma once

#include "registryd/store/store.h"

struct file_collector;

// `turn_seconds`: the pause between two looks. *ret_collector is owned.
// Fails with: NO_MEMORY, INTERNAL (the thread cannot start).
enum status file_collector_start(struct store *store, int turn_seconds, const struct log_sink *log,
                                 struct file_collector **ret_collector, struct error *err);
void file_collector_stop(struct file_collector *collector);
