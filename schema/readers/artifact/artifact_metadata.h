// SPDX-License-Identifier: MIT
// What both kinds of artifacts do with METADATA and PKG-INFO before they make a release of it.
// Internal to the readers of artifacts.
#pragma once

#include "schema/packaging/metadata/core_metadata.h"
#include "schema/readers/archive/archive.h"

// The core metadata in `file`, when it says the name and version that the artifact's file name says;
// else NULL, with findings ("metadata-name-mismatch", "metadata-version-mismatch" and the reader's own).
const struct core_metadata *artifact_metadata_read(struct reader *reader,
                                                   const struct archive_wish *file,
                                                   const char *normalized_name,
                                                   const struct version *version);
