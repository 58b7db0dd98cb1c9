// SPDX-License-Identifier: MIT
// What a site-packages directory adds to Python's path: the lines of its .pth files, and the folders of
// its .egg-link files. Editable ("develop") installs lie behind them. Lines that Python would run
// ("import …") are not run.
#pragma once

#include "client/fs/rooted_dir.h"
#include "schema/finding.h"

struct site_path {
    const char *folder; // absolute, or from the working directory when the root is given so
    const char *file;   // the .pth or .egg-link that names it
};

struct site_paths {
    struct site_path *items; // in Python's order: by the name of the file, then line by line
    size_t count;
    size_t capacity;
};

// Whether a file of a root is one of those.
bool site_paths_is_file(const char *name);

// Appends the folders that the file `name` of the directory names, as far as they exist. A file that
// cannot be read, and an .egg-link whose folder is gone, is the warning "not-followed". Arena.
// Fails with: NO_MEMORY.
enum status site_paths_read(struct arena *arena, const struct rooted_dir *dir, const char *name,
                            struct site_paths *paths, struct findings *findings, struct error *err);
