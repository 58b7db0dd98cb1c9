// SPDX-License-Identifier: MIT
// Mountaineer plugins: a project whose <package>/plugin.py says `plugin = MountaineerPlugin(name=…)`.
// The name comes from that call; package, version and requirements from [project]. Read, not run.
#pragma once

#include "schema/reading/reading.h"

// Reads `module`/plugin.py of a project whose pyproject.toml gave `project`. *ret_release is the
// project with one more entry point: group mountaineer.plugins, value <module>.plugin:plugin, unless
// the project declares that one itself. On INVALID it is the project as it was.
// Fails with: MALFORMED (not Python; file:line in *err), INVALID (findings hold the errors),
// TOO_LARGE, NO_MEMORY.
enum status mountaineer_read(struct arena *arena, const struct source_file *file,
                             const char *module, const struct release *project,
                             struct findings *findings, const struct release **ret_release,
                             struct error *err);
