// SPDX-License-Identifier: MIT
// The walk: directories in, records out, without importing or running anything. Every directory
// under a root that a convention recognises is a plugin; a broken one is a record with errors beside
// the good ones, in the same deterministic order. A directory of many entries is shared with one thread
// more, if there is a processor for it; it has ended when the call returns, and no signal reaches it.
#pragma once

#include "client/conventions/convention.h"
#include "schema/record.h"

struct walk_root {
    const char *path;
    const char *label; // NULL: the path itself
};

struct walk_query {
    const struct walk_root *roots; // in order of precedence
    size_t root_count;
    const char *convention; // NULL or "auto": each plugin by its mark
    // Where a root that cannot be read is told (a warning "root-unreadable") while the others are
    // walked; NULL: it fails the walk. When none of them can be read, the walk fails all the same.
    struct findings *findings;
};

// A directory under a root that a convention recognises.
struct plugin_dir {
    const char *root;     // as in the query
    const char *relative; // from the root: "crm", "domains/users"
    const char *path;     // how people are told: the origin of its records, or what begins them
    const struct convention *convention; // NULL: it could not be looked into, the findings say why
    struct findings findings;
};

struct plugin_dirs {
    struct plugin_dir *items;
    size_t count;
};

// The places that source_walk would read, root by root in the order of their names; places that it
// can only tell about are among them. The texts are copied. Arena. Fails with: as source_walk.
enum status source_walk_plugin_dirs(struct arena *arena, const struct walk_query *query,
                                    struct plugin_dirs *ret_places, struct error *err);

// Walks the roots and merges what they hold. The texts of the query are copied. Arena.
// Fails with: USAGE (no root, no such root, unknown convention), IO (a root cannot be read),
// NO_MEMORY.
enum status source_walk(struct arena *arena, const struct walk_query *query,
                        struct records *ret_records, struct error *err);
