// SPDX-License-Identifier: MIT
// Whether a wheel holds what its entry points and manifests name: modules, attributes, files. Members are looked
// up by name, and source is read, never run. Internal to the wheel reader.
#pragma once

#include "schema/readers/archive/archive.h"

// Adds warnings: "entry-point-module-missing", "entry-point-attribute-missing", "manifest-missing" and
// "declared-file-missing". `release` has its entry points and manifests.
void wheel_entries_check(struct reader *reader, const struct archive_members *members,
                         const struct release *release);
