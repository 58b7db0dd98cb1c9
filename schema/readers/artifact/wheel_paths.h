// SPDX-License-Identifier: MIT
// Where the files of a wheel lie once it is installed, so that two packages that hold one path are seen before
// pip overwrites the one with the other. Internal to the wheel reader.
#pragma once

#include "schema/readers/archive/archive.h"
#include "schema/readers/artifact/artifact.h"

// The folders of the wheel called `stem` ("crm-1.0", of crm-1.0.dist-info). Left out are .dist-info and headers,
// which installers keep apart by package. Arena; empty when out of memory, which the findings remember.
struct wheel_folders wheel_paths_list(struct reader *reader, const struct archive_members *members,
                                      struct text stem);
