// SPDX-License-Identifier: MIT
// Inside config: how a source sets a value, and the YAML file as one of the sources.
#pragma once

#include "registryd/config/config.h"

struct config_source {
    enum config_origin origin;
    const char *where; // for errors: "REGISTRYD_THREADS", "/etc/registryd.yaml"; NULL for flags
};

// Checks `text` by the row and stores it; `text` is borrowed for the life of the result.
// Fails with: USAGE.
enum status config_set(struct config_result *result, const struct setting *row, const char *text,
                       const struct config_source *source, struct error *err);

// The row of a key, or NULL.
const struct setting *setting_find(const char *key, size_t len);

// Applies a YAML file: one mapping from keys of the table to scalars. Fails with: USAGE (not
// readable, not YAML, an unknown key, a bad value), NO_MEMORY.
enum status config_file_apply(struct arena *arena, const char *path, struct config_result *result,
                              struct error *err);
