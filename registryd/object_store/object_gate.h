// SPDX-License-Identifier: MIT
// How many threads may wait for an object store at once. A store that hangs would otherwise take every worker of the
// daemon, and with them what needs no object store at all. Any thread may call.
#pragma once

#include "schema/base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct object_gate;

// Owned; NULL when out of memory.
struct object_gate *object_gate_new(int calls_max);
void object_gate_free(struct object_gate *gate);

// Takes a place. While the store has just failed, it is not waited for: the answer comes at once.
// Fails with: UNAVAILABLE.
enum status object_gate_enter(struct object_gate *gate, struct error *err);

// Gives the place back, and says whether the store has answered.
void object_gate_leave(struct object_gate *gate, bool has_answered);

// Since the start.
struct object_gate_counts {
    int64_t calls;
    int64_t failures; // calls that were refused here, or not answered
};
void object_gate_counts(struct object_gate *gate, struct object_gate_counts *ret_counts);
