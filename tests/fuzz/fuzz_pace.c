// SPDX-License-Identifier: MIT
// A client that sends in its own time, read as the daemon reads a body: bytes 1 and 2 choose the limits, then each pair
// is a pause and a number of bytes. What must hold besides not crashing: a wait never lasts beyond the deadline or a
// window; a client that keeps the rate in every window's time is not given up before the deadline; one that is silent
// for two windows is.
#include "tests/fuzz/fuzz.h"

#include "registryd/http/pace.h"

#include <stdlib.h>

enum { STEP_MS = 100 };

static void must(bool holds) {
    if (!holds) {
        abort();
    }
}

struct client {
    int64_t now_ms;
    int64_t passed;
    int64_t quiet_since_ms; // the last time that bytes came
};

// Waits as poll does: until bytes come or the daemon's patience ends. False when it gave the client up.
static bool wait_for(struct pace *pace, struct client *client, int64_t arrival_ms) {
    while (client->now_ms <= arrival_ms) {
        int64_t left_ms = pace_left_ms(pace, client->now_ms, client->passed);
        must(left_ms >= 0 && left_ms <= pace->limits.window_ms);
        must(client->now_ms + left_ms <= pace->limits.deadline_ms || !left_ms);
        if (!left_ms) {
            return false;
        }
        must(client->now_ms - client->quiet_since_ms < 2 * (int64_t)pace->limits.window_ms);
        if (client->now_ms + left_ms > arrival_ms) {
            client->now_ms = arrival_ms;
            return true;
        }
        client->now_ms += left_ms;
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    if (len < 2) {
        return 0;
    }
    const struct receive_pace limits = {.deadline_ms = 1 + bytes[0] * (int64_t)STEP_MS,
                                        .window_ms = 1 + bytes[1] % 16 * STEP_MS,
                                        .window_bytes = 1 + bytes[1] / 16};
    struct pace pace = pace_begin(&limits);
    struct client client = {.now_ms = 1, .quiet_since_ms = 1};
    bool is_steady =
        true; // enough bytes at each arrival, and never a window's time between two of them
    for (size_t i = 2; i + 1 < len; i += 2) {
        int64_t arrival_ms = client.now_ms + bytes[i] * (int64_t)STEP_MS / 8;
        is_steady = is_steady && arrival_ms - client.now_ms < limits.window_ms;
        if (!wait_for(&pace, &client, arrival_ms)) {
            must(!is_steady || client.now_ms >= limits.deadline_ms);
            return 0;
        }
        client.passed += bytes[i + 1];
        client.quiet_since_ms = bytes[i + 1] ? client.now_ms : client.quiet_since_ms;
        is_steady = is_steady && bytes[i + 1] >= limits.window_bytes;
    }
    must(client.now_ms <= limits.deadline_ms + STEP_MS * 256 / 8);
    return 0;
}
