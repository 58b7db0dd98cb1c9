// SPDX-License-Identifier: MIT
// The gate that every new connection passes before it is lent: a server whose history has been left behind is
// refused like a standby, and a new history is adopted first. Any thread.
#pragma once

#include "registryd/store/libpq/db_pool.h"

struct history_gate;

struct history_gate_settings {
    const char *path; // of the file of the daemon; NULL = it is remembered in memory alone
    int64_t accepted; // number of the epoch that the operator gives up; 0 = none
    const struct log_sink *log; // borrowed
};

// Reads the file. Owned. Fails with: as history_load, NO_MEMORY.
enum status history_gate_new(const struct history_gate_settings *settings,
                             struct history_gate **ret_gate, struct error *err);
void history_gate_free(struct history_gate *gate);

// The pools whose connections end when a later history is seen; at most two. Borrowed.
void history_gate_watch(struct history_gate *gate, struct db_pool *pool);

// From now on every server must tell its history. Before, one without our tables is let through.
void history_gate_close(struct history_gate *gate);

// `context` is the gate: struct db_settings. Fails with: UNAVAILABLE (not this server).
enum status history_gate_admit(void *context, struct db *db, struct error *err);
