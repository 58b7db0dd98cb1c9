// SPDX-License-Identifier: MIT
// What a walk finds, on its way into the answer: the plugins of a directory as records, or the directory
// itself. Inner header of the walk. One thread a `struct walk`.
#pragma once

#include "client/walk/distributions.h"
#include "client/walk/plugin_dirs.h"
#include "client/walk/site_paths.h"

struct walk {
    struct arena *arena;           // of the records
    struct arena *scratch;         // of one directory: freed before the next
    const struct convention *only; // NULL: each plugin by its mark
    const char *label;
    const char *root;         // as given
    size_t root_index;        // its position on the path
    bool is_followed;         // the root was found through a .pth file
    struct records *records;  // where what is read goes; or, when only places are wanted:
    struct plugin_dirs *dirs; // NULL: records are wanted
    struct distributions *distributions; // the installed distributions among what was read
    struct site_paths *site_paths; // what .pth files of the root name; NULL: they are not followed
};

// What could not be read at all: its name is all there is to say. Fails with: NO_MEMORY.
enum status walk_add_broken(const struct walk *walk, const struct convention *convention,
                            const struct convention_plugin *plugin, struct error *err);

// Reads the plugins of a directory, a record for each entry point. `order`: its position in the listing
// of its parent. Fails with: NO_MEMORY, INTERNAL.
enum status walk_read_plugins(const struct walk *walk, const struct convention *convention,
                              const struct rooted_dir *dir, size_t order, struct error *err);

// Notes a distribution that is a single file (NAME.egg-info): it has no entry points, and hides the other
// versions of its project. Fails with: NO_MEMORY.
enum status walk_add_distribution_file(const struct walk *walk, const struct rooted_dir *parent,
                                       const struct rooted_dir_entry *entry, struct error *err);

// Adds a directory to the list instead of reading it. `findings` may be NULL. Fails with: NO_MEMORY.
enum status walk_add_plugin_dir(const struct walk *walk, const struct convention *convention,
                                const struct rooted_dir *dir, const struct findings *findings,
                                struct error *err);
