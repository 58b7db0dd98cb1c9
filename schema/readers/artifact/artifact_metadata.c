// SPDX-License-Identifier: MIT
// Core metadata of an artifact, held against the artifact's file name: two sources for one fact, and a
// tool that trusts the other one must not see another release.
#include "schema/readers/artifact/artifact_metadata.h"

#include "schema/readers/artifact/metadata_release.h"
#include "schema/readers/core/reader_add.h"

#include <string.h>

static bool agrees(struct reading *reading, const char *member,
                   const struct core_metadata *metadata, const char *normalized_name,
                   const struct version *version) {
    size_t errors_before = reading->findings->error_count;
    if (metadata->normalized_name && strcmp(metadata->normalized_name, normalized_name) != 0) {
        reading_add_member(reading, "metadata-name-mismatch", member,
                           "The metadata is of \"%s\", the file's name says \"%s\"",
                           metadata->normalized_name, normalized_name);
    }
    if (metadata->version && version_compare(metadata->version, version) != 0) {
        reading_add_member(reading, "metadata-version-mismatch", member,
                           "The metadata is of version %s, the file's name says %s",
                           version_string(metadata->version), version_string(version));
    }
    return reading->findings->error_count == errors_before;
}

const struct core_metadata *artifact_metadata_read(struct reading *reading,
                                                   const struct archive_wish *file,
                                                   const char *normalized_name,
                                                   const struct version *version) {
    const struct core_metadata *metadata = metadata_read(reading, file->name, file->bytes);
    bool good = metadata && agrees(reading, file->name, metadata, normalized_name, version);
    return good ? metadata : NULL;
}
