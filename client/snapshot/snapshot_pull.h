// SPDX-License-Identifier: MIT
// Pulling: one conditional GET of a snapshot, checked whole before it replaces what is kept. Bounded in
// time and in bytes. Whatever goes wrong, what is kept stays as it was.
#pragma once

#include "client/remote/connection.h"
#include "client/snapshot/snapshot_cache.h"

struct snapshot_pulled {
    struct snapshot_path location;
    bool is_replaced;        // false: what is kept is the newest
    int64_t serial;          // of what is kept now
    int64_t registry_serial; // where the registry stands; at least `serial`
    const char *epoch;       // arena
    size_t record_count;     // of what was pulled; 0 when nothing was replaced
};

// Pulls what the wish wants into its place. Arena.
// Fails with: NOT_FOUND (there is no place for it, no such environment), what api_call_json fails with,
// MALFORMED (a broken answer, or one to another question), CONFLICT, FORBIDDEN, TOO_LARGE, and as
// snapshot_replace.
enum status snapshot_pull(struct arena *arena, const struct connection *connection,
                          const struct snapshot_selector *selector,
                          struct snapshot_pulled *ret_pulled, struct error *err);
