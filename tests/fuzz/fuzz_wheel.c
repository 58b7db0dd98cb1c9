// SPDX-License-Identifier: MIT
// Wheels: the framing of the zip, the metadata files, RECORD.
#include "tests/fuzz/fuzz.h"

#include "schema/readers/artifact/artifact.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct arena *arena = arena_new(0);
    struct source_file file = {"crm-1.0-py3-none-any.whl", (const char *)bytes, len};
    struct findings findings;
    const struct release *release = NULL;
    const struct valid_release *valid;
    struct artifact artifact;
    findings_init(&findings, arena);
    if (!artifact_read(arena, &file, &findings, &release, &artifact, NULL)) {
        release_check(arena, release, &findings, &valid, NULL);
    }
    arena_free(arena);
    return 0;
}
