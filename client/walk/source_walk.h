// SPDX-License-Identifier: MIT
// The walk: directories in, records out, without importing or running anything. Every directory
// under a root that a convention recognises is a plugin; a broken one is a record with errors beside
// the good ones, in the same deterministic order. A root that is the same directory as an earlier one is
// read once. Of several installed distributions of one project the first counts (distributions.h); what
// the .pth files of a root name is walked right behind the root, for installed distributions alone.
#pragma once

#include "client/walk/decide.h"
#include "client/walk/plugin_dirs.h"
#include "schema/record.h"

struct walk_root {
    const char *path;  // as it was given
    const char *label; // NULL: the path itself
};

// Labels are what records show in place of a path: roots "install=/srv/app/plugins" and
// "data=/var/lib/app/plugins" give records with the labels "install" and "data".
struct walk_query {
    const struct walk_root *roots; // in order of precedence
    size_t root_count;
    const char *convention; // NULL or "auto": each plugin by its mark
    // Where a root that cannot be read is reported (a warning "root-unreadable") while the others are
    // walked; NULL: it fails the walk. When none of them can be read, the walk fails all the same.
    struct findings *findings;
    // Decisions, applied to what each root holds before the roots are merged; NULL: none. What they withhold
    // is added to *withheld.
    const struct decider *decider;
    struct records *withheld;
};

// The directories that source_walk would read, root by root in the order of their names; those that
// cannot be opened are among them. The texts are copied. Arena. Fails with: as source_walk.
enum status source_walk_plugin_dirs(struct arena *arena, const struct walk_query *query,
                                    struct plugin_dirs *ret_dirs, struct error *err);

// Walks the roots and merges what they hold. The texts of the query are copied. Arena.
// Fails with: USAGE (no root, no such root, unknown convention), IO (a root cannot be read),
// NO_MEMORY.
enum status source_walk(struct arena *arena, const struct walk_query *query,
                        struct records *ret_records, struct error *err);
