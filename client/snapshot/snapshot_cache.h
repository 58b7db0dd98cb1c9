// SPDX-License-Identifier: MIT
// The last-known-good snapshot: the folder of such files, which file it is, and opening it when it is
// the one that a selector wants. A file belongs to one address, one query (its environment included) and
// one pinned key. One that belongs to others, is broken, or could have been written by other users is
// refused with a reason, which is never fatal to the caller. No network, no libcurl.
#pragma once

#include "client/snapshot/snapshot_file.h"
#include "client/remote/source_registry.h"
#include "schema/snapshot/signature.h"

#include <sys/types.h>

struct cache_dir {
    const char *path; // made when a file is first written
    bool is_named;    // by REGISTRYD_CACHE_DIR or an option: it may belong to another user, whose
                      // files are then trusted
};

// A folder that is open, and a user whose files in it count besides ours and root's.
struct cache_dir_handle {
    int fd;      // close it
    uid_t owner; // of the directory
};

// The folder: `given`, else REGISTRYD_CACHE_DIR, else registryd in XDG_CACHE_HOME or ~/.cache. Arena.
// Fails with: NOT_FOUND (none of these is set), NO_MEMORY.
enum status cache_dir_find(struct arena *arena, const char *given, struct cache_dir *ret_folder,
                           struct error *err);

// Opens it, and makes it first (for its owner alone) when `make` is set.
// Fails with: NOT_FOUND, FORBIDDEN (others may write to it), IO.
enum status cache_dir_open(const struct cache_dir *folder, bool make,
                           struct cache_dir_handle *ret_handle, struct error *err);

// Opens a file in it to read, if it is a regular file that no other user could have written.
// *ret_fd is to be closed. Fails with: NOT_FOUND, FORBIDDEN, IO; err->where is the path.
enum status cache_dir_open_file(const struct cache_dir *folder, const char *name, int *ret_fd,
                                struct error *err);

// Which snapshot is wanted.
// Two hosts with different facts want different files: the query is part of the file's name, so
// neither ever overwrites the other's.
struct snapshot_selector {
    const char *url;         // of the registry, as connection_settings gives it
    const char *environment; // part of the query, kept apart for messages
    const char *query;       // as snapshot_cache_query writes it
    const char *cache_dir;   // NULL: see cache_dir_find
    const char *path;        // this file instead; NULL: one in the cache folder
    bool is_any;             // `path` is used whatever it answers: its user chose it
    bool with_secrets;       // secrets of the environment, too
    int64_t min_serial;      // the registry waits until it knows this change; 0: it does not wait
    int64_t min_epoch;       // number of the epoch of min_serial; 0: not known
    bool is_pinned;          // only what `public_key` signed is used
    uint8_t public_key[SIGNATURE_KEY_BYTES]; // of `is_pinned`
};

// Where the file of a selector is. Arena.
struct snapshot_path {
    struct cache_dir folder;
    const char *name; // in the folder
    const char *path; // both, for messages
};

// Reads the pinned key: `given`, else REGISTRYD_SNAPSHOT_KEY, else none. Fails with: USAGE.
enum status snapshot_cache_pin(const char *given, struct snapshot_selector *selector,
                               struct error *err);

// The query that a snapshot answers, as text, which is part of its name and in its header. Arena; NULL =
// no memory.
const char *snapshot_cache_query(struct arena *arena, const char *environment,
                                 const struct source_query *query);

// The same question to the environment "default", which answers for an unknown one. Arena; false when that is
// the question already, when a file was named, or out of memory.
bool snapshot_cache_default(struct arena *arena, const struct snapshot_selector *selector,
                            struct snapshot_selector *ret_selector);

// Where the file is, or would be. Fails with: NOT_FOUND (there is no folder for it), NO_MEMORY.
enum status snapshot_cache_find(struct arena *arena, const struct snapshot_selector *selector,
                                struct snapshot_path *ret_path, struct error *err);

// Opens the file if it is the one that the selector wants. Close with snapshot_file_close.
// Fails with: NOT_FOUND (there is no such file yet), as snapshot_file_open, as snapshot_cache_check,
// FORBIDDEN (others could have written it).
enum status snapshot_cache_open(const struct snapshot_selector *selector,
                                const struct snapshot_path *location,
                                struct snapshot_file *ret_file, struct error *err);

// Both: snapshot_cache_find, then snapshot_cache_open.
enum status snapshot_cache_load(struct arena *arena, const struct snapshot_selector *selector,
                                struct snapshot_file *ret_file, struct error *err);

// Whether a snapshot is the one that the selector wants. Fails with: MALFORMED (another query or environment),
// FORBIDDEN (not signed by the pinned key).
enum status snapshot_cache_check(const struct snapshot_selector *selector,
                                 const struct snapshot *snapshot, struct error *err);
