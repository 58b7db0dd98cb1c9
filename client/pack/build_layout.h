// SPDX-License-Identifier: MIT
// What a build backend must know: where the files of a plugin are, and as which package to install them. The
// plugin directory crm with the module plugins.crm becomes plugins/crm in the wheel.
#pragma once

#include "client/fs/rooted_dir.h"

struct build_layout {
    const char *package; // "plugins.crm"
    const char *folder;  // where its files lie, from the pyproject.toml: "." or "src/crm"
};

// The layout of the project with this entry point. `origin` is where a walk found it: the plugin's directory, the
// project's, or the file of the module. `folder` is "." when the pyproject.toml belongs into the directory of the
// package itself. Arena. Fails with: INVALID (the value is no object reference), NO_MEMORY.
enum status build_layout_find(struct arena *arena, const char *value, const char *origin,
                              struct build_layout *ret_layout, struct error *err);

// How much of the module's name ends with the directory's name as one of its parts, the first one left out: of
// "domains.users.plugins.login" and the directory users, "domains.users"; of "plugins.my_crm" and the directory
// my-crm, all. 0 when there is no such part.
size_t build_layout_length(struct text module, const char *directory);
