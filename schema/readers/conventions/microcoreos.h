// SPDX-License-Identifier: MIT
// MicroCoreOS plugins: classes deriving from BasePlugin in domains/<domain>/…/*_plugin.py. One file
// may hold several, and a class may derive through another class of its file. Read, not run.
#pragma once

#include "schema/readers/core/reader.h"

struct microcoreos_plugin {
    const char *class_name; // "Mailer"
    const char *value;      // "domains.products.plugins.create_product_plugin:CreateProductPlugin"
    const char *manifest;   // {"class","endpoints":[{"path","method"}],"tools":[…]}: the tools
                            // are the constructor's parameters
};

struct microcoreos_plugins {
    struct microcoreos_plugin *items;
    size_t count;
};

// Reads one file. `module` is its dotted name. A class whose constructor cannot be told (*args) is a
// warning; an endpoint whose path or method is not literal is a warning and left out; a file without
// a plugin class is a warning. Arena.
// Fails with: MALFORMED (not Python; file:line in *err), TOO_LARGE, NO_MEMORY.
enum status microcoreos_read(struct arena *arena, const struct source_file *file,
                             const char *module, struct findings *findings,
                             struct microcoreos_plugins *ret_plugins, struct error *err);

// The release of a domain: package = domain, one entry point per plugin: group microcoreos.plugins,
// name <domain>.<Class>. `version` may be NULL (unknown). Arena; NULL when out of memory.
const struct release *microcoreos_release(struct arena *arena, const char *domain,
                                          const char *version,
                                          const struct microcoreos_plugins *plugins);
