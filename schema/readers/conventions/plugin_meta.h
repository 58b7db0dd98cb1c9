// SPDX-License-Identifier: MIT
// FastCMS plugins: a package whose __init__.py has a literal PLUGIN_META dict (id, name and version
// required) and a function `register`. Read, not imported.
#pragma once

#include "schema/readers/core/reader.h"

// Reads `directory`/__init__.py. The release is the package called by the id, with one entry point:
// group fastcms.plugins, name = id, value plugins.<directory>:register, PLUGIN_META as its manifest.
// On INVALID, *ret_release is still set when there is an id to call it by, else it is NULL.
// Fails with: MALFORMED (not Python; file:line in *err), INVALID (findings hold the errors),
// TOO_LARGE, NO_MEMORY.
enum status plugin_meta_read(struct arena *arena, const struct source_file *file,
                             const char *directory, struct findings *findings,
                             const struct release **ret_release, struct error *err);
