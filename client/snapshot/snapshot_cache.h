// SPDX-License-Identifier: MIT
// The last-known-good snapshot: which file it is, and opening it when it is what was asked for. It
// belongs to one address, one question (its environment included) and one pinned key; a file that is
// another one's, broken or not trusted is refused with a reason, and never fatal to its caller. No
// network, no libcurl.
#pragma once

#include "client/snapshot/snapshot_file.h"
#include "client/snapshot/cache_dir.h"
#include "schema/snapshot/signature.h"

struct snapshot_selector {
    const char *url; // of the registry, as connection_settings leaves it
    const char *environment;
    const char *query;     // query_string_write, environment and all
    const char *cache_dir; // NULL: see cache_dir_find
    const char *path;      // keep it in this file instead; NULL: in the cache folder
    bool is_any;           // whatever `path` answers: its user chose it
    int64_t min_serial;    // the registry is to wait until it knows this change; 0: it need not
    bool is_pinned;        // only what `public_key` signed is used
    uint8_t public_key[SIGNATURE_KEY_BYTES];
};

// Where a wish is kept. Arena.
struct snapshot_path {
    struct cache_dir folder;
    const char *name; // in the folder
    const char *path; // both, for people
};

// Reads the pinned key: `given`, else REGISTRYD_SNAPSHOT_KEY, else none. Fails with: USAGE.
enum status snapshot_cache_pin(const char *given, struct snapshot_selector *selector,
                               struct error *err);

// Fails with: NOT_FOUND (there is no place for it), NO_MEMORY.
enum status snapshot_cache_find(struct arena *arena, const struct snapshot_selector *selector,
                                struct snapshot_path *ret_place, struct error *err);

// Opens the file of a place if it answers the wish. Close with snapshot_file_close.
// Fails with: NOT_FOUND (nothing was kept yet), as snapshot_file_open, as snapshot_cache_check,
// FORBIDDEN (others could have written it).
enum status snapshot_cache_open(const struct snapshot_selector *selector,
                                const struct snapshot_path *location,
                                struct snapshot_file *ret_file, struct error *err);

// Opens what is kept for a wish, wherever that is; as snapshot_cache_find and snapshot_cache_open.
enum status snapshot_cache_load(struct arena *arena, const struct snapshot_selector *selector,
                                struct snapshot_file *ret_file, struct error *err);

// Whether a snapshot answers the wish. Fails with: MALFORMED (another question or environment),
// FORBIDDEN (not signed by the pinned key).
enum status snapshot_cache_check(const struct snapshot_selector *selector,
                                 const struct snapshot *snapshot, struct error *err);
