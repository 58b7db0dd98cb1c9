// SPDX-License-Identifier: MIT
// Windows follow one another from the first wait on. A client that sent nothing in the last part of a window and
// enough before is not too slow; one that rests for a whole window is, however much it sent before: nothing is
// carried over. Called by a worker before each wait for its client.
#include "registryd/http/pace.h"

struct pace pace_begin(const struct receive_pace *limits) {
    return (struct pace){.limits = *limits};
}

bool pace_counts(const struct pace *pace, int64_t now_ms) {
    return !pace->window_end_ms || now_ms >= pace->window_end_ms;
}

int64_t pace_left_ms(struct pace *pace, int64_t now_ms, int64_t passed) {
    bool is_first = !pace->window_end_ms;
    if (pace_counts(pace, now_ms)) {
        if (!is_first && passed - pace->window_from < pace->limits.window_bytes) {
            return 0;
        }
        pace->window_from = passed;
        pace->window_end_ms = now_ms + pace->limits.window_ms;
    }
    int64_t deadline_ms = pace->limits.deadline_ms;
    int64_t until_ms = deadline_ms < pace->window_end_ms ? deadline_ms : pace->window_end_ms;
    return until_ms > now_ms ? until_ms - now_ms : 0;
}
