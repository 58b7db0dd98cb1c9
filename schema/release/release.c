// SPDX-License-Identifier: MIT
// Looking into a release. Lists are searched from the front: a release has few entry points, and fewer manifests.
#include "schema/release/release.h"

#include <string.h>

const struct entry_point *release_find_entry_point(const struct release *release, const char *group,
                                                   const char *name) {
    for (size_t i = 0; i < release->entry_point_count; i++) {
        const struct entry_point *entry = &release->entry_points[i];
        if (strcmp(entry->group, group) == 0 && strcmp(entry->name, name) == 0) {
            return entry;
        }
    }
    return NULL;
}

const struct manifest *release_find_manifest(const struct release *release, const char *group,
                                             const char *name) {
    for (size_t i = 0; i < release->manifest_count; i++) {
        const struct manifest *manifest = &release->manifests[i];
        if (strcmp(manifest->group, group) == 0 && strcmp(manifest->name, name) == 0) {
            return manifest;
        }
    }
    return NULL;
}
