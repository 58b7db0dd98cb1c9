// SPDX-License-Identifier: MIT
// Reading the settings: flags over environment over YAML file over defaults. Read once, at start, by one
// thread; afterwards a struct config is only passed as a const pointer.
#pragma once

#include "registryd/config/setting.h"

// Reads all sources. `environment` is like environ. Strings live in the arena, argv or the
// environment. Fails with: USAGE (an unknown flag or key, a bad value, an unreadable file; one
// sentence that names it), NO_MEMORY.
enum status config_load(struct arena *arena, const char *const *argv,
                        const char *const *environment, struct config_result *ret_result,
                        struct error *err);

// The text of --help. Arena; NULL when out of memory.
const char *config_help(struct arena *arena);

// Appends a connection string with its passwords hidden. Fails with: USAGE (it cannot be read), NO_MEMORY.
typedef enum status config_mask(const char *conninfo, struct buffer *ret_text, struct error *err);

// The text of --print-config: a YAML file that can be read back. `mask` writes the settings that hold
// passwords. Arena; NULL when out of memory.
const char *config_print(struct arena *arena, const struct config_result *result,
                         config_mask *mask);
