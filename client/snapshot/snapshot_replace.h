// SPDX-License-Identifier: MIT
// Replacing snapshot files, whole: the bytes are written beside the file, synced, renamed to it, and
// the folder is synced. A crash, or a failing call, at any point leaves the old file or the new one.
#pragma once

#include "client/snapshot/snapshot_cache.h"

// Writes the bytes to `path`, whatever is there. Fails with: IO, DISK_FULL, NO_MEMORY; `path` is then
// as it was.
enum status snapshot_file_store(const char *path, const struct buffer *bytes, struct error *err);

// Puts a snapshot that answers the wish in its place, if the rules (snapshot_rules.h) let it replace
// what is there; the same one again is only confirmed. Processes that do so at once take turns.
// Fails with: CONFLICT (it would go back), FORBIDDEN (the folder is not ours), TIMEOUT (somebody else
// keeps the lock), IO, DISK_FULL, NO_MEMORY; what was there stays.
enum status snapshot_replace(const struct snapshot_selector *selector,
                             const struct snapshot_path *location, const struct text *bytes,
                             bool *ret_replaced, struct error *err);

// Notes that the registry called the kept file the newest. That it cannot be noted is no failure.
void snapshot_confirm(const struct snapshot_file *file);
