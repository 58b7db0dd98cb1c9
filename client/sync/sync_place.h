// SPDX-License-Identifier: MIT
// The directory that sync owns, and its earlier sets. A set is a whole directory with a marker that says what it
// holds. The directory is replaced by exchanging it with a finished set in one step of the file system, so that a
// reader sees the old set or the new one, and a crash leaves one of the two:
//
//     plugins/                     the current set; plugins/.registryd-sync.json is its marker
//     .plugins.sync/lock           held while sync works
//     .plugins.sync/build/         a set that is being made
//     .plugins.sync/next/          a finished set before the exchange; after it, the set that was replaced
//     .plugins.sync/sets/7/        an earlier set, for --rollback; its number is the one in its marker
//     .plugins.sync/trash/         a set that is being removed
//     .plugins.sync/before/        the directory as it was when sync first came
#pragma once

#include "client/sync/sync_sets.h"
#include "schema/base/arena.h"
#include "schema/base/error.h"

#include <jansson.h>

struct sync_place {
    const char *into;  // the directory, as given, without a slash at its end
    const char *state; // ".plugins.sync" beside it
    const char *build; // where a new set is made
    const char *sets;  // the folder of earlier sets
    const char *lock;  // the file that is locked
    int lock_fd;       // -1: not locked
    bool is_made;      // this run made the directory
    json_t *marker;    // of the current set; owned; NULL: sync has not been here
    const char *
        *foreign; // names in the directory that sync did not put there; of a set: those it adopted
    size_t foreign_count;
};

#define SYNC_PLACE_CLOSED ((struct sync_place){.lock_fd = -1})

// Opens the place. It does not wait: another sync at work is CONFLICT. What a crash left behind is repaired.
// Close with sync_place_close. Arena.
// Fails with: USAGE (no directory, a link, no folder above it), CONFLICT, MALFORMED (the marker), IO, NO_MEMORY.
enum status sync_place_open(struct arena *arena, const char *into, struct sync_place *ret_place,
                            struct error *err);
// A run that put nothing into the directory leaves nothing behind: neither the directory, when it made it, nor the
// folder beside it.
void sync_place_close(struct sync_place *place);

// The number of the current set; 0: there is none.
int64_t sync_place_number(const struct sync_place *place);

// Empties the folder for a new set. Fails with: IO, NO_MEMORY.
enum status sync_place_begin(struct arena *arena, struct sync_place *place, struct error *err);

// Writes the marker into the new set, puts it on disk and exchanges it with the directory; the old set is kept, and
// of all only the newest `keep`. The marker gets its number. Fails with: INVALID (the file system cannot exchange
// directories), DISK_FULL, IO, NO_MEMORY.
enum status sync_place_commit(struct arena *arena, struct sync_place *place, json_t *marker,
                              int64_t keep, struct error *err);

// Exchanges the directory with the newest earlier set, whose number is *ret_number.
// Fails with: NOT_FOUND (no earlier set), INVALID, IO, NO_MEMORY.
enum status sync_place_rollback(struct arena *arena, struct sync_place *place, int64_t *ret_number,
                                struct error *err);
