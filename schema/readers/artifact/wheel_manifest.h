// SPDX-License-Identifier: MIT
// Manifests that a wheel carries, found by the module of each entry point of a known host: the file that the
// host's convention reads, in the wheel as in a directory. So a plugin published as a wheel keeps the manifest
// that its directory had. Internal to the wheel reader.
#pragma once

#include "schema/readers/archive/archive.h"

// Adds the manifests to the release. The faults of a plugin.yaml are findings with its own lines. An entry point
// whose manifest cannot be read from Python source has the warning "manifest-missing".
void wheel_manifest_add(struct reader *reader, const struct archive_members *members,
                        struct release *release);

// The folder that a host walks, of a module's path and the plugin's name: "plugins/my-crm" of "plugins/my_crm" and
// "my-crm". NULL when the name is not that of the module; arena, also NULL when out of memory.
const char *wheel_manifest_folder(struct arena *arena, const char *path, const char *name);
