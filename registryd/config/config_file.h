// SPDX-License-Identifier: MIT
// The YAML file as one of the sources of settings.
#pragma once

#include "registryd/config/setting.h"

// Applies a YAML file: one mapping from keys of the table to scalars. Fails with: USAGE (not
// readable, not YAML, an unknown key, a bad value), NO_MEMORY.
enum status config_file_apply(struct arena *arena, const char *path, struct config_result *result,
                              struct error *err);
