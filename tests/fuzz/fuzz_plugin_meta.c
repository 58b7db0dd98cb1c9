// SPDX-License-Identifier: MIT
// An __init__.py with PLUGIN_META, and the rules of a release over what it gave.
#include "tests/fuzz/fuzz.h"

#include "schema/readers/conventions/manifest_line.h"
#include "schema/readers/conventions/plugin_meta.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct arena *arena = arena_new(0);
    struct source_file file = {"hello/__init__.py", (const char *)bytes, len};
    struct findings findings;
    const struct release *release = NULL;
    const struct valid_release *valid;
    findings_init(&findings, arena);
    if (!plugin_meta_read(arena, &file, "hello", &findings, &release, NULL)) {
        release_check(arena, release, &findings, &valid, NULL);
    }
    const struct manifest_source source = {.format = DECLARED_PYTHON, .take = "PLUGIN_META"};
    manifest_line(arena, &file, &source, "/nav/1/label");
    arena_free(arena);
    return 0;
}
