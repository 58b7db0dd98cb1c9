// SPDX-License-Identifier: MIT
// The two kinds of artifacts, each read into a release; artifact.c tells them apart. Internal to the
// readers of artifacts.
#pragma once

#include "schema/packaging/core_metadata.h"
#include "schema/reading/artifact.h"
#include "schema/reading/reading_add.h"

// Whether the metadata says the name and version that the file's name says; else findings
// "metadata-name-mismatch", "metadata-version-mismatch".
bool artifact_check_identity(struct reading *reading, const char *member,
                             const struct core_metadata *metadata, const char *normalized_name,
                             const struct version *version);

// A wheel. Fills tags and metadata of *artifact. NULL after findings, or when out of memory.
struct release *wheel_read(struct reading *reading, struct text bytes, const char *filename,
                           struct artifact *artifact);

// A source distribution, .tar.gz or .zip. Fills metadata of *artifact. NULL as above.
struct release *sdist_read(struct reading *reading, struct text bytes, const char *filename,
                           struct artifact *artifact);
