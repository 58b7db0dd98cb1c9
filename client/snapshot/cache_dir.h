// SPDX-License-Identifier: MIT
// Where last-known-good snapshots lie, and whether that place can be trusted: nobody but root and the
// owner may be able to put another file there. No network, no libcurl.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"

#include <stdbool.h>
#include <sys/types.h>

struct cache_dir {
    const char *path;
    bool is_named; // by REGISTRYD_CACHE_DIR or an option: it may belong to another user, who then
                   // is trusted with what lies in it
};

// A folder that is open, with whom its files may belong to.
struct cache_dir_handle {
    int fd; // close it
    uid_t owner;
};

// The folder: `given`, else REGISTRYD_CACHE_DIR, else registryd in XDG_CACHE_HOME or ~/.cache. Arena.
// Fails with: NOT_FOUND (none of these is set; says what to set), NO_MEMORY.
enum status cache_dir_find(struct arena *arena, const char *given, struct cache_dir *ret_folder,
                           struct error *err);

// Opens it, and makes it first (for its owner alone) when `make` is set.
// Fails with: NOT_FOUND, FORBIDDEN (others may write to it), IO.
enum status cache_dir_open(const struct cache_dir *folder, bool make,
                           struct cache_dir_handle *ret_handle, struct error *err);

// Opens a file in it to read, if it is a regular one that nobody else could have put there or altered.
// *ret_fd is to be closed. Fails with: NOT_FOUND, FORBIDDEN, IO; err->where is the path.
enum status cache_dir_open_file(const struct cache_dir *folder, const char *name, int *ret_fd,
                                struct error *err);
