// SPDX-License-Identifier: MIT
// entry_points.txt as the Python runtime sees it (importlib.metadata), entry by entry: a fault costs
// its line and nothing else. Wherever the file would read differently with configparser, by which
// many tools write and check it, or would be lost or harmful at run time, a lint says so.
#pragma once

#include "schema/packaging/entry_point.h"
#include "schema/packaging/lint.h"

struct entry_points_txt {
    const struct entry_point *entries; // in the order of the file, duplicates kept
    const size_t *lines;               // of the entries
    size_t count;
    struct lints lints;
};

// Reads the bytes of a file. Arena. What is wrong inside it is in the lints.
// Fails with: INVALID (not UTF-8: the runtime can read nothing of it), TOO_LARGE (the file, or more
// than LIMIT_ENTRY_POINTS), NO_MEMORY.
enum status entry_points_txt_parse(struct arena *arena, struct text bytes,
                                   const struct entry_points_txt **ret_file, struct error *err);
