// SPDX-License-Identifier: MIT
// Pulling: one conditional GET of a snapshot, checked whole before it replaces the cached one. Bounded in
// time and in bytes. When anything fails, the cached file stays as it was.
#pragma once

#include "client/remote/connection.h"
#include "client/snapshot/snapshot_cache.h"

struct snapshot_pulled {
    struct snapshot_path location;
    bool is_replaced;        // false: the cached snapshot is the newest
    int64_t serial;          // of the cached snapshot now
    int64_t registry_serial; // of the registry; at least `serial`
    const char *epoch;       // arena
    int64_t epoch_number;    // 0 = unknown
    size_t record_count;     // of what was pulled; 0 when nothing was replaced
};

// "&min_serial=7&min_epoch=1793567821": parameters that ask for this state or a later one. Without the number of an
// epoch (0), the serial alone. Arena; NULL when out of memory.
const char *snapshot_write_point(struct arena *arena, int64_t epoch_number, int64_t serial);

// Pulls what the selector wants. An answer that another process has overtaken with a newer one is no
// failure. When the registry has no such environment, the call fails and the snapshot of "default" is pulled,
// which discovery falls back to. Arena. Fails with: NOT_FOUND (there is no folder for it, no such environment), what
// api_call_json fails with, MALFORMED (a broken answer, or one to another query), TOO_LARGE, and as
// snapshot_replace.
enum status snapshot_pull(struct arena *arena, const struct connection *connection,
                          const struct snapshot_selector *selector,
                          struct snapshot_pulled *ret_pulled, struct error *err);
