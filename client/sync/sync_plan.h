// SPDX-License-Identifier: MIT
// What sync does to a directory: the registry's answer (GET /v1/requirements as JSON) compared with the current set,
// and then the new set. One thread.
#pragma once

#include "client/remote/connection.h"
#include "client/sync/sync_place.h"
#include "client/sync/sync_unpack.h"

// One package of the plan. Texts are borrowed from the answer.
struct sync_item {
    const char *package;
    const char *version;
    const char *filename;          // of its wheel
    const char *sha256;            // hex
    const char *action;            // "install", "update", "keep"
    struct sync_unpacked unpacked; // empty until the plan was applied
};

// The caller sets the first members, sync_plan_make the others. Nothing is written before
// sync_plan_apply, so a dry run ends after sync_plan_make.
struct sync_plan {
    // set by the caller
    struct arena *arena;
    struct sync_place *place;
    const struct connection *connection;
    enum sync_layout layout;
    struct strings adopt; // entries of the directory to keep, besides those of the current set

    // made
    const json_t *answer; // borrowed
    struct sync_item *items;
    size_t count;
    struct strings removed; // packages of the current set that are in the answer no more
    struct strings adopted; // entries that are carried into the new set
    bool is_changed;
};

// Fails with: INVALID (a package has no wheel that fits), CONFLICT (content of the directory that sync did not put
// there and that is not adopted), UNREACHABLE (the answer is not a registry's), NO_MEMORY.
enum status sync_plan_make(struct sync_plan *plan, const json_t *answer, struct error *err);

// Makes the new set and exchanges it with the directory; `keep` earlier sets stay. A failure before the
// exchange leaves the directory as it was; a later one, when old sets are removed, leaves the new set there.
// Fails with: CONFLICT (two packages have one folder), USAGE (two layouts), MALFORMED (not the promised bytes), as
// sync_unpack, sync_place_commit and the registry.
enum status sync_plan_apply(struct sync_plan *plan, int64_t keep, struct error *err);

// For the marker and for programs. Owned; NULL when out of memory.
json_t *sync_plan_encode_items(const struct sync_plan *plan);
json_t *sync_plan_encode_strings(const struct strings *strings);
