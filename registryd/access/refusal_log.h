// SPDX-License-Identifier: MIT
// Log lines about refused requests: one line for each client and reason a minute, with the number of
// refusals since the line before. Without it, a client that is refused writes the log as fast as it can
// send. Of a fixed size; any thread.
#pragma once

#include "schema/base/log.h"
#include "schema/base/status.h"

#include <stdint.h>

struct refusal_log;

// Owned; NULL when out of memory. `log` is borrowed.
struct refusal_log *refusal_log_new(const struct log_sink *log);

// Writes what has not been written yet. NULL is fine.
void refusal_log_free(struct refusal_log *refusals);

// Counts one refusal of `client` and writes a line unless there was one in the last minute. `detail` is
// the sentence the client got; NULL refusals log nothing.
void refusal_log_add(struct refusal_log *refusals, const char *client, enum status status,
                     const char *detail);

// Writes the lines whose minute is over; call it about once a second.
void refusal_log_flush(struct refusal_log *refusals);
