// SPDX-License-Identifier: MIT
// The names of all groups there are, kept as of a point: asked of the database once for each change, and
// not at all while it is away.
#pragma once

#include "registryd/store/store.h"

enum { GROUP_SET_SIZE = 65 };

struct group_names {
    struct arena *arena; // holds everything, this too
    const char *const *items;
    size_t count;
    char set[GROUP_SET_SIZE]; // a digest of the names
    struct history_point point;
};

void group_names_free(struct group_names *names);
