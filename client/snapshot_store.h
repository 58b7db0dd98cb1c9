// SPDX-License-Identifier: MIT
// Snapshot files on disk: mapped to read, replaced whole to write. A reader that has a file open keeps
// what it mapped when the file is replaced; a crash at any point leaves the old file or the new one.
#pragma once

#include "schema/snapshot.h"

struct snapshot_file {
    void *bytes; // mapped; NULL when closed
    size_t len;
    struct snapshot snapshot; // borrowed from the mapping
};

// Maps the file and opens the snapshot in it. Close with snapshot_file_close.
// Fails with: NOT_FOUND, IO, TOO_LARGE, and as snapshot_open; err->where is the path.
enum status snapshot_file_open(const char *path, struct snapshot_file *ret_file, struct error *err);
void snapshot_file_close(struct snapshot_file *file);

// Writes the bytes beside `path`, syncs them, and renames them to it. Fails with: IO, DISK_FULL,
// NO_MEMORY; `path` is then as it was.
enum status snapshot_file_store(const char *path, const struct buffer *bytes, struct error *err);
