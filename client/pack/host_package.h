// SPDX-License-Identifier: MIT
// Whether a wheel can be imported from site-packages by the host in whose tree its plugin lies.
#pragma once

#include "client/fs/rooted_dir.h"
#include "schema/finding.h"

// Adds the warning "host-package-closed" when a folder above the plugin's directory, named as a package above its
// module ("plugins" of "plugins.crm"), has an __init__.py. Fails with: NO_MEMORY.
enum status host_package_check(struct arena *arena, const struct rooted_dir *dir,
                               const char *module, struct findings *findings, struct error *err);
