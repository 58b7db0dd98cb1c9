// SPDX-License-Identifier: MIT
// An installed distribution: the input is its METADATA, a NUL, and its entry_points.txt. Without a NUL
// there is no entry_points.txt.
#include "tests/fuzz/fuzz.h"

#include "schema/readers/artifact/dist_info.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    const uint8_t *nul = len ? memchr(bytes, 0, len) : NULL;
    size_t first = nul ? (size_t)(nul - bytes) : len;
    struct dist_info_files files = {
        .directory = "crm-1.0.dist-info",
        .metadata = {"crm-1.0.dist-info/METADATA", (const char *)bytes, first},
    };
    if (nul) {
        files.entry_points = (struct source_file){"crm-1.0.dist-info/entry_points.txt",
                                                  (const char *)nul + 1, len - first - 1};
    }
    struct arena *arena = arena_new(0);
    struct findings findings;
    const struct release *release = NULL;
    const struct valid_release *valid;
    findings_init(&findings, arena);
    if (!dist_info_read(arena, &files, &findings, &release, NULL)) {
        release_check(arena, release, &findings, &valid, NULL);
    }
    arena_free(arena);
    return 0;
}
