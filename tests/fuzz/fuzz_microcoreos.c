// SPDX-License-Identifier: MIT
// A file of plugin classes, the release of its domain, and the rules over that.
#include "tests/fuzz/fuzz.h"

#include "schema/readers/conventions/manifest_line.h"
#include "schema/readers/conventions/microcoreos.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct arena *arena = arena_new(0);
    struct source_file file = {"products/create_plugin.py", (const char *)bytes, len};
    struct microcoreos_plugins plugins = {0};
    struct findings findings;
    const struct valid_release *valid;
    findings_init(&findings, arena);
    if (!microcoreos_read(arena, &file, "domains.products.create_plugin", &findings, &plugins,
                          NULL)) {
        const struct release *release = microcoreos_release(arena, "products", "1.0", &plugins);
        release_check(arena, release, &findings, &valid, NULL);
    }
    const struct manifest_source source = {.format = DECLARED_PYTHON, .class_name = "Mailer"};
    manifest_line(arena, &file, &source, "/endpoints/1/path");
    arena_free(arena);
    return 0;
}
