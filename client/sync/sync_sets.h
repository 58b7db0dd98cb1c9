// SPDX-License-Identifier: MIT
// Sets on disk. The number of a set is in its marker and nowhere else: the name of its folder in "sets" is for people,
// and a crash may leave a set under the number of another. A set is removed under the name "trash", so that a crash
// in the middle of it leaves no half of a set where a whole one is expected.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"

#include <jansson.h>

// The marker of a set, as JSON. It is what tells sync's own entries from those of others:
//
//     {"format": 1, "set": 7, "registry": "https://…", "environment": "production",
//      "layout": "plugins", "adopted": ["local_plugin"],
//      "packages": [{"package": "crm", "version": "1.2", "sha256": "9f…", "paths": ["crm"], …}]}
#define SYNC_MARKER ".registryd-sync.json"

// An earlier set that is kept.
struct sync_set {
    int64_t number;   // of its marker
    const char *path; // ".plugins.sync/sets/7"
};

// By number, ascending.
struct sync_sets {
    struct sync_set *items;
    size_t count;
};

// The marker of the set in a folder. NULL without a failure when there is none. Owned.
// Fails with: USAGE (no such folder), MALFORMED (it is damaged), TOO_LARGE, IO, NO_MEMORY.
enum status sync_marker_load(struct arena *arena, const char *folder, json_t **ret_marker,
                             struct error *err);
// The number of a set; 0 for a marker that has none, and for NULL.
int64_t sync_marker_number(const json_t *marker);

// The sets in the folder `sets`. What has no marker that can be read is not sync's, and is not listed. Arena.
// Fails with: IO, NO_MEMORY.
enum status sync_sets_list(struct arena *arena, const char *sets, struct sync_sets *ret_sets,
                           struct error *err);

// Gives each folder in `sets` the number of its set as its name, where a crash came between. A name that is taken
// stays taken. Fails with: IO, NO_MEMORY.
enum status sync_sets_rename(struct arena *arena, const char *sets, struct error *err);

// Removes a tree below the folder `state`, by way of its "trash". None is no failure. Fails with: IO, NO_MEMORY.
enum status sync_discard(struct arena *arena, const char *state, const char *path,
                         struct error *err);

// Removes what an earlier sync_discard did not get done. Fails with: IO, NO_MEMORY.
enum status sync_empty_trash(struct arena *arena, const char *state, struct error *err);
