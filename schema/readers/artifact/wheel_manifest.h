// SPDX-License-Identifier: MIT
// Manifests that a wheel carries: for an entry point of honeyframe.plugins whose module is a package
// of the wheel, the plugin.yaml in that package. So a plugin published as a wheel keeps the manifest
// its directory had. Internal to the wheel reader.
#pragma once

#include "schema/readers/archive/archive.h"

// Adds the manifests to the release; faults of a manifest are findings with its own lines.
void wheel_manifest_add(struct reader *reader, const struct archive_members *members,
                        struct release *release);
