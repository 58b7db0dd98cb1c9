// SPDX-License-Identifier: MIT
// Python source: the tokenizer, the grammar and the literals, by way of a FastCMS plugin.
#include "tests/fuzz/fuzz.h"

#include "schema/reading/plugin_meta.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct arena *arena = arena_new(0);
    struct source_file file = {
        .path = "hello/__init__.py", .bytes = (const char *)bytes, .len = len};
    struct findings findings;
    const struct release *release = NULL;
    const struct valid_release *valid;
    findings_init(&findings, arena);
    if (!plugin_meta_read(arena, &file, "hello", &findings, &release, NULL)) {
        release_check(arena, release, &findings, &valid, NULL);
    }
    arena_free(arena);
    return 0;
}
