// SPDX-License-Identifier: MIT
// Core metadata and entry_points.txt -> release: what the members of an artifact say, in the fields of
// a release document. Internal to the readers of wheels and sdists.
#pragma once

#include "schema/packaging/metadata/core_metadata.h"
#include "schema/packaging/entry_points_txt.h"
#include "schema/readers/archive/archive.h"
#include "schema/readers/core/reader_add.h"

// Makes lints findings; `where` is "file: member:line".
void metadata_add_lints(struct reader *reader, const char *member, const struct lints *lints);

// Reads METADATA or PKG-INFO, with its lints as findings. NULL after a finding "metadata-unreadable".
const struct core_metadata *metadata_read(struct reader *reader, const char *member,
                                          struct text bytes);

// The release the metadata describes, without entry points and provenance. NULL when out of memory.
struct release *metadata_release(struct reader *reader, const char *member,
                                 const struct core_metadata *metadata);

// Which groups are taken. A group whose name cannot be indexed has the warning "group-not-indexed"; the
// registry leaves it out, and a walk lists it as the runtime finds it.
enum entry_groups { EVERY_GROUP, INDEXED_GROUPS };

// Adds the entry points of an entry_points.txt; of a name that stands twice, the first.
void metadata_add_entry_points(struct reader *reader, const char *member, struct text bytes,
                               enum entry_groups groups, struct release *release);

// The core metadata in `file`, when it says the name and version that the artifact's file name says;
// else NULL, with findings ("metadata-name-mismatch", "metadata-version-mismatch" and the reader's own).
const struct core_metadata *artifact_metadata_read(struct reader *reader,
                                                   const struct archive_selection *file,
                                                   const char *normalized_name,
                                                   const struct version *version);
