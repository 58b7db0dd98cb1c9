// SPDX-License-Identifier: MIT
// The settings that a host gets for a plugin: what its environment sets, over the defaults that the group's schema of
// settings gives. One object for a package in a group; an entry point may have values of its own over it.
#pragma once

#include "registryd/rules/facts.h"

// `name` is that of the entry point; NULL = those of the package. Canonical JSON of an object; NULL when there are none, or when the asker may not read settings. `plugin` is what the
// environment decides about the package, or NULL. Borrowed, or in the arena of the facts. When out of memory: NULL, and
// facts->no_memory is set.
const char *filled_settings(struct facts *facts, const char *group, const char *name,
                            const struct environment_plugin *plugin);
