// SPDX-License-Identifier: MIT
// Both clocks: time that only goes forward, for deadlines and waits, which does not jump when somebody sets
// the date; and the time of day. Any thread.
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

// Milliseconds of the monotonic clock. Only differences mean something.
int64_t monotonic_ms(void);

// Milliseconds since 1970, by the clock that people set: for moments that documents name.
int64_t unix_ms(void);

// Waits on `condition`, with `lock` held, until it is signalled or `deadline_ms` of monotonic_ms has
// passed. False at the deadline. Wake-ups without a signal happen: call it in a loop that asks for what
// is awaited. The clock attribute of the condition does not matter.
bool monotonic_wait(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t deadline_ms);
