// SPDX-License-Identifier: MIT
// The one place that reads the monotonic clock for deadlines. Every time-out of the project is a
// deadline in these milliseconds, computed once when work begins, so that several waits in a row share
// one limit.
#include "schema/base/clock.h"

#include <errno.h>
#include <time.h>

int64_t monotonic_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t unix_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool monotonic_wait(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t deadline_ms) {
    const struct timespec until = {.tv_sec = deadline_ms / 1000,
                                   .tv_nsec = deadline_ms % 1000 * 1000000};
    return pthread_cond_clockwait(condition, lock, CLOCK_MONOTONIC, &until) != ETIMEDOUT;
}
