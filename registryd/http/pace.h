// SPDX-License-Identifier: MIT
// How fast bytes must come or go: all of them by a deadline, and some in every window of time. Pure arithmetic;
// the socket and the clock are the caller's (civetweb_shim.c).
#pragma once

#include <stdbool.h>
#include <stdint.h>

// Example: 40960 bytes in each 10000 ms. A client below 4 KiB per second is then too slow.
struct receive_pace {
    int64_t deadline_ms; // on receive_clock_ms
    int window_ms;       // in each of these at least `window_bytes` must pass
    int64_t window_bytes;
};

struct pace {
    struct receive_pace limits;
    int64_t window_end_ms; // 0 = no window has begun
    int64_t window_from;   // bytes that had passed when it began
};

struct pace pace_begin(const struct receive_pace *limits);

// Whether pace_left_ms will look at the bytes: at the begin of the first window and at the end of each. Counting
// them may cost a system call.
bool pace_counts(const struct pace *pace, int64_t now_ms);

// How long may be waited from now on; `passed` = all bytes so far, in one direction. 0 = the client is too slow,
// or the deadline has passed.
int64_t pace_left_ms(struct pace *pace, int64_t now_ms, int64_t passed);
