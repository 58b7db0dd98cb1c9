// SPDX-License-Identifier: MIT
// Replacing snapshot files, whole: the bytes are written beside the file, synced, renamed to it, and
// the folder is synced. A crash, or a failing call, at any point leaves the old file or the new one.
#pragma once

#include "client/snapshot/snapshot_cache.h"

// Writes the bytes to `path`, whatever is there. Fails with: IO, DISK_FULL, NO_MEMORY; `path` is then
// as it was.
enum status snapshot_file_store(const char *path, const struct buffer *bytes, struct error *err);

// Puts a snapshot that the selector wants in its place, unless that would go back: in the same epoch the
// serial must not fall, and another epoch must have a higher number. The same snapshot again is only confirmed.
// Processes that replace at the same time take turns. Fails with: CONFLICT (it would go back),
// HISTORY_CONFLICT (another epoch with the same number), FORBIDDEN (other users may write to the
// folder), TIMEOUT (another process holds the lock), IO, DISK_FULL, NO_MEMORY; the file is then as it was.
enum status snapshot_replace(const struct snapshot_selector *selector,
                             const struct snapshot_path *location, const struct text *bytes,
                             bool *ret_replaced, struct error *err);

// Records that the registry called the file the newest, by its time. A failure is ignored.
void snapshot_confirm(const struct snapshot_file *file);
