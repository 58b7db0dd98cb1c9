// SPDX-License-Identifier: MIT
// What happened in a registry, by long poll (GET /v1/changes).
#pragma once

#include "client/remote/connection.h"

#include <stddef.h>
#include <stdint.h>

struct change {
    int64_t serial;
    const char *kind;    // "publish", "yank", ...: may be one we do not know
    const char *package; // NULL: it is not about one
    const char *version; // likewise
    const char *at;
    const char *groups; // "a.plugins, b.plugins"; "" for none
};

struct changes {
    struct change *items; // by serial
    size_t count;
    int64_t serial; // of the last change there is
    const char *epoch;
};

// The changes after a serial; when there are none, waits for one, at most `wait_seconds` (0 to 60),
// which come on top of the connection's time. Arena.
// Fails with: what api_call_json fails with, UNREACHABLE (an answer we do not understand).
enum status changes_load(struct arena *arena, const struct connection *connection, int64_t since,
                         int wait_seconds, struct changes *ret_changes, struct error *err);
