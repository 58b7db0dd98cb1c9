// SPDX-License-Identifier: MIT
// A convention: one way plugins lie in directories. Each is a row of a static table and a file in
// this folder: a mark by which `auto` recognises a plugin, and a reader from the directory to a
// release. The walk makes records of it, `publish` sends it. Nothing is imported or executed.
// docs/CONVENTIONS.md describes each.
#pragma once

#include "client/place.h"
#include "schema/release.h"

struct convention {
    const char *name;        // "plugin-yaml": of --convention
    const char *group;       // under which a place is told that could not even be opened
    const char *mark;        // what marks a plugin, for people
    const char *description; // one line

    // Whether the directory is a plugin of this convention. Cannot fail.
    bool (*recognizes)(const struct place *place);

    // Reads the plugin. What is wrong with it goes into `findings`; *ret_release is then what could
    // be read all the same, or NULL. Texts are arena. Fails with: NO_MEMORY, INTERNAL.
    enum status (*read)(struct arena *arena, const struct place *place, struct findings *findings,
                        const struct release **ret_release, struct error *err);
};

// The rows, in the order in which `auto` asks them. Static.
const struct convention *convention_at(size_t index); // NULL past the end

// The row called `name`; NULL when there is none.
const struct convention *convention_find(const char *name);

// The first row that recognises the place; NULL when none does.
const struct convention *convention_recognize(const struct place *place);

// The code under which a file or directory that could not be read is told. Static.
const char *convention_code(enum place_kind kind, enum status status);

extern const struct convention convention_plugin_yaml;
