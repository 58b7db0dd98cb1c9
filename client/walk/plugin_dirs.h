// SPDX-License-Identifier: MIT
// The directories that a walk would read, before anything is read: what `publish --all` goes through.
#pragma once

#include "client/conventions/convention.h"

// A directory under a root that a convention recognises.
struct plugin_dir {
    const char *root;     // as in the query
    const char *relative; // from the root: "crm", "domains/users"
    const char *path;     // for people: the origin of its records, or what begins them
    const struct convention *convention; // NULL: it cannot be opened, the findings say why
    struct findings findings;            // of this directory
};

// In the order of the walk: root by root, and within a root sorted by name.
struct plugin_dirs {
    struct plugin_dir *items;
    size_t count;
    size_t capacity;
};
