// SPDX-License-Identifier: MIT
// The wheels and source distributions below a folder, in the order in which a registry takes them best.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/packaging/version/version.h"

// A file that is called as a wheel or an sdist. One whose name cannot be read has no package.
struct artifact_path {
    const char *path;              // the folder as it was given, and the way below it
    const char *filename;          // the last part of `path`
    const char *package;           // normalised; NULL: the name says none
    const struct version *version; // NULL with `package`
    bool is_wheel;
};

struct artifact_paths {
    struct artifact_path *items;
    size_t count;
    size_t capacity;
};

// Reads what a file is called. Arena; false when it is not called as a wheel or an sdist, *no_memory when there is none.
bool artifact_path_read(struct arena *arena, const char *path, struct artifact_path *ret_path,
                        bool *no_memory);

// Lists the files below `folder`, hidden folders left out: by package, then by version, a wheel before the sdist of its
// release (a wheel says all of a release, so that the sdist finds it complete), then by name. Files whose names cannot
// be read are last. Arena. Fails with: USAGE (no such folder), IO, TOO_LARGE (too deep), NO_MEMORY.
enum status artifact_folder_list(struct arena *arena, const char *folder,
                                 struct artifact_paths *ret_paths, struct error *err);

// Sorts as artifact_folder_list does.
void artifact_paths_sort(struct artifact_paths *paths);
