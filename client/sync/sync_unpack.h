// SPDX-License-Identifier: MIT
// A wheel into a set: the files of its plugins, in the layout that the host's own loop walks.
//
//     LAYOUT_PLUGINS    plugins/crm/plugin.yaml of the wheel  ->  crm/plugin.yaml
//     LAYOUT_SITE       every file of the wheel under its path, as in site-packages
#pragma once

#include "schema/base/text.h"
#include "schema/finding.h"

enum sync_layout { LAYOUT_AUTO, LAYOUT_PLUGINS, LAYOUT_SITE };

// Finds a layout by its name ("auto", "plugins", "site"). False when there is none.
bool sync_layout_find(const char *name, enum sync_layout *ret_layout);
const char *sync_layout_name(enum sync_layout layout); // static

struct sync_wheel {
    const char *filename;
    struct text bytes;
    enum sync_layout layout; // AUTO: by the groups of its entry points
};

// What became of a wheel. Its texts live in the arena of the findings.
struct sync_unpacked {
    enum sync_layout layout;     // that was used
    struct strings paths;        // at the top of the set: "crm"
    struct strings requirements; // requires_dist of the wheel, which sync does not install
    size_t left_out;             // files of the wheel that belong to no plugin folder
};

// Checks the wheel as a registry does and writes its files below `folder`. Findings about the wheel go to
// `findings`. *ret_unpacked is set before the first file is written, so also when another package is in the way. Arena
// of the findings.
// Fails with: INVALID (the wheel breaks a rule, or has no plugin of this layout), CONFLICT (another package has
// the same path), DISK_FULL, IO, NO_MEMORY.
enum status sync_unpack(const struct sync_wheel *wheel, const char *folder,
                        struct findings *findings, struct sync_unpacked *ret_unpacked,
                        struct error *err);
