// SPDX-License-Identifier: MIT
// Mountaineer plugins: a project whose <package>/plugin.py says `plugin = MountaineerPlugin(name=…)`.
// The name comes from that call; package, version and requirements from [project]. Read, not run.
#pragma once

#include "schema/readers/core/reader.h"

enum { MOUNTAINEER_CONTROLLERS_MAX = 32 }; // files that are read

struct mountaineer_source {
    const struct source_file *file;        // plugin.py
    const char *module;                    // the package it lies in: "my_awesome_plugin"
    const struct release *project;         // what the project's pyproject.toml gave
    const struct source_file *controllers; // files of its folder controllers/, for their addresses
    size_t controller_count;
};

// Reads a plugin. *ret_release is the project with one more entry point: group mountaineer.plugins,
// value <module>.plugin:plugin, unless the project declares that one itself. On INVALID it is the
// project as it was; on OK it is NULL when the module is no plugin: it only defines or uses the class.
// Fails with: MALFORMED (not Python; file:line in *err), INVALID (findings hold the errors),
// TOO_LARGE, NO_MEMORY.
enum status mountaineer_read(struct arena *arena, const struct mountaineer_source *source,
                             struct findings *findings, const struct release **ret_release,
                             struct error *err);
