// SPDX-License-Identifier: MIT
// Packing: a plugin directory becomes a pure-Python wheel (PEP 427) that pip installs. The directory lies in the
// wheel where its entry points say: of "plugins.crm:manifest" and the directory crm, at plugins/crm/. `plugins`
// has no __init__.py there, so that many wheels can share it (PEP 420). Nothing is imported or run, and the
// same directory always gives the same bytes.
#pragma once

#include "client/walk/project.h"
#include "schema/readers/artifact/artifact.h"

struct packed {
    struct project project;   // what was read; without `valid`, there is no wheel
    struct artifact artifact; // the wheel as the registry will read it
    const char *module;       // where the directory is imported from: "plugins.crm"
    size_t file_count;        // of the directory, in the wheel
    size_t left_out;          // hidden files, caches, compiled files
};

// Who makes the wheel of what was read.
enum pack_maker {
    PACK_BY_LAYOUT,  // pack_directory
    PACK_BY_BACKEND, // the build backend of a project with a pyproject.toml
    PACK_BY_NONE,    // no one: an installed distribution, or nothing that could be read
};
enum pack_maker pack_maker_of(const struct project *project);

// Reads the plugin directory and appends the wheel to `ret_bytes`, whose max_bytes is the limit. What is wrong
// with the plugin or with the wheel is in ret_packed->project.findings. Arena.
// Fails with: USAGE (no plugin here; a project with a build backend; entry points that do not lie in the
// directory), INVALID (a file that cannot be packed), TOO_LARGE, IO, NO_MEMORY.
enum status pack_directory(struct arena *arena, const struct project_query *query,
                           struct buffer *ret_bytes, struct packed *ret_packed, struct error *err);
