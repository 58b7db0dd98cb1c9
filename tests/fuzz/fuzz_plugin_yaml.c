// SPDX-License-Identifier: MIT
// plugin.yaml. The directory's name is "crm", so that a manifest of that name can be whole.
#include "tests/fuzz/fuzz.h"

#include "schema/readers/conventions/manifest_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct arena *arena = arena_new(0);
    struct source_file file = {.path = "crm/plugin.yaml", .bytes = (const char *)bytes, .len = len};
    struct findings findings;
    const struct release *release = NULL;
    const struct valid_release *valid;
    findings_init(&findings, arena);
    if (!plugin_yaml_read(arena, &file, "crm", &findings, &release, NULL)) {
        release_check(arena, release, &findings, &valid, NULL);
    }
    const struct manifest_source source = {.format = DECLARED_YAML};
    manifest_line(arena, &file, &source, "/nav/1/label");
    arena_free(arena);
    return 0;
}
