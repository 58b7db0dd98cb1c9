// SPDX-License-Identifier: MIT
// A plugin.py of a project that declares one entry point of the group already.
#include "tests/fuzz/fuzz.h"

#include "schema/readers/conventions/mountaineer.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct arena *arena = arena_new(0);
    struct source_file file = {"awesome/plugin.py", (const char *)bytes, len};
    struct entry_point own = {"mountaineer.plugins", "awesome", "awesome.plugin:plugin"};
    struct release project = {
        .name = "awesome", .version = "1.0", .entry_points = &own, .entry_point_count = 1};
    struct mountaineer_source source = {&file, "awesome", &project, &file,
                                        1}; // also as a controller
    struct findings findings;
    const struct release *release = NULL;
    const struct valid_release *valid;
    findings_init(&findings, arena);
    // NULL: the module is not a plugin
    if (!mountaineer_read(arena, &source, &findings, &release, NULL) && release) {
        release_check(arena, release, &findings, &valid, NULL);
    }
    arena_free(arena);
    return 0;
}
