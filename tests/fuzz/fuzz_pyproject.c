// SPDX-License-Identifier: MIT
// pyproject.toml, through the C++ parser and back.
#include "tests/fuzz/fuzz.h"

#include "schema/readers/core/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct arena *arena = arena_new(0);
    struct source_file file = {.path = "pyproject.toml", .bytes = (const char *)bytes, .len = len};
    struct findings findings;
    const struct release *release = NULL;
    const struct valid_release *valid;
    const char *readme_path;
    findings_init(&findings, arena);
    if (!pyproject_read(&file, NULL, &findings, &release, &readme_path, NULL)) {
        release_check(arena, release, &findings, &valid, NULL);
    }
    arena_free(arena);
    return 0;
}
