// SPDX-License-Identifier: MIT
// Keeping settings out of what people and caches see: of documents as JSON, which are altered in place, so
// the caller gives copies of its own. Pure; any thread.
#pragma once

#include "schema/environment/environment.h"

// Takes the settings of every plugin out. Whether there were any.
bool environment_leave_out_settings(json_t *document);

// Replaces each value that a plugin's "secret_settings" names by "(secret)". False when out of memory.
bool environment_mask_secrets(json_t *document);

// The same of two documents that are compared: values that differ still differ, but say only that they do.
// `may_read` = false hides all settings in this way. False when out of memory.
bool environment_mask_both(json_t *before, json_t *after, bool may_read);

// Masks the settings of one plugin as environment_mask_secrets does. Arena; NULL when out of memory.
const char *environment_masked_settings(struct arena *arena,
                                        const struct environment_plugin *plugin);
