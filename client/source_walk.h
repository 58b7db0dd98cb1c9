// SPDX-License-Identifier: MIT
// The walk: directories in, records out, without importing or running anything. Every directory
// under a root that a convention recognises is a plugin; a broken one is a record with errors beside
// the good ones, in the same deterministic order. One thread per walk.
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
};

// Walks the roots and merges what they hold. The texts of the query are copied. Arena.
// Fails with: USAGE (no root, no such root, unknown convention), IO (a root cannot be read),
// NO_MEMORY.
enum status source_walk(struct arena *arena, const struct walk_query *query,
                        struct records *ret_records, struct error *err);
