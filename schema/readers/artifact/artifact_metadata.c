// SPDX-License-Identifier: MIT
// Core metadata of an artifact, held against the artifact's file name: two sources for one fact, and a
// tool that trusts the other one must not see another release.
#include "schema/readers/artifact/artifact_metadata.h"

#include "schema/readers/artifact/metadata_release.h"
#include "schema/readers/core/reader_add.h"

#include <string.h>

static bool agrees(struct reader *reader, const char *member, const struct core_metadata *metadata,
                   const char *normalized_name, const struct version *version) {
    size_t errors_before = reader->findings->error_count;
    if (metadata->normalized_name && strcmp(metadata->normalized_name, normalized_name) != 0) {
        reader_add_member(reader, "metadata-name-mismatch", member,
                          "The metadata is of \"%s\", the file's name says \"%s\"",
                          metadata->normalized_name, normalized_name);
    }
    if (metadata->version && version_compare(metadata->version, version) != 0) {
        reader_add_member(reader, "metadata-version-mismatch", member,
                          "The metadata is of version %s, the file's name says %s",
                          version_string(metadata->version), version_string(version));
    }
    return reader->findings->error_count == errors_before;
}

const struct core_metadata *artifact_metadata_read(struct reader *reader,
                                                   const struct archive_wish *file,
                                                   const char *normalized_name,
                                                   const struct version *version) {
    const struct core_metadata *metadata = metadata_read(reader, file->name, file->bytes);
    bool good = metadata && agrees(reader, file->name, metadata, normalized_name, version);
    return good ? metadata : NULL;
}
