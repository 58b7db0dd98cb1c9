// SPDX-License-Identifier: MIT
// What a walk finds, on its way into the answer: the plugins of a place as records, or the place itself.
// Inner header of source_walk. One thread a walk.
#pragma once

#include "client/walk/source_walk.h"

struct walk {
    struct arena *arena;           // of the records
    struct arena *scratch;         // of one directory: freed before the next
    const struct convention *only; // NULL: each plugin by its mark
    const char *label;
    const char *root;        // as given
    struct records *records; // where what is read goes; or, when only places are wanted:
    struct plugin_dirs *dirs;
};

// What could not be read at all: its name is all there is to tell. Fails with: NO_MEMORY.
enum status walk_add_broken(const struct walk *walk, const struct convention *convention,
                            const struct convention_plugin *plugin, struct error *err);

// Reads the plugins of a place, a record for each entry point. Fails with: NO_MEMORY, INTERNAL.
enum status walk_read_plugins(const struct walk *walk, const struct convention *convention,
                              const struct rooted_dir *dir, struct error *err);

// Takes a place down instead of reading it. `findings` may be NULL. Fails with: NO_MEMORY.
enum status walk_add_plugin_dir(const struct walk *walk, const struct convention *convention,
                                const struct rooted_dir *dir, const struct findings *findings,
                                struct error *err);
