// SPDX-License-Identifier: MIT
// Which of several installed distributions of one project counts. The rule is that of importlib.metadata:
// the first one on the path, and within a directory the first in the order in which the system lists it.
// One exception, which the Python package makes too: a directory without METADATA, left behind by an
// uninstallation, never hides a distribution that is whole.
//
// Two directories are of one project when the names before their first "-" are the same, written in
// lower case with "_" for every run of "-", "_" and "."; unless both have METADATA and it names two
// projects ("my-plug-1.0.dist-info" and "my-other-2.0.dist-info").
#pragma once

#include "schema/record.h"

// One .dist-info or .egg-info. Its records are the run [first, first + count) of `list`.
struct distribution {
    const char *key;      // of the project, by the directory's name
    const char *name;     // of the project, by METADATA; the key when there is none
    const char *path;     // of the directory
    struct records *list; // where its records are, from `first` on; only this code moves them
    size_t first;
    size_t count;
    size_t root;      // position of its root on the path
    size_t order;     // position in the listing of its directory
    bool is_whole;    // it has METADATA
    bool is_followed; // found through a .pth file of a root, not in the root itself
};

struct distributions {
    struct distribution *items;
    size_t count;
    size_t capacity;
};

// The key of a directory or file called NAME.dist-info or NAME.egg-info. Arena; NULL when out of memory.
const char *distribution_key(struct arena *arena, const char *file_name);

// Whether a directory or file is called as a distribution.
bool distribution_is_named(const char *file_name);

// Marks the records of distributions that do not count as shadowed, with a warning. Where a link shows
// one distribution twice, or a followed folder shows an installed one again, the records of the second
// are removed from their list without a word. Fails with: NO_MEMORY.
enum status distributions_choose(struct arena *arena, const struct distributions *distributions,
                                 struct records *const *lists, size_t list_count,
                                 struct error *err);
