// SPDX-License-Identifier: MIT
// The scanner beside toml++: what it reads, toml++ reads alike.
#include "tests/fuzz/fuzz.h"

#include "schema/base/limits.h"
#include "schema/readers/core/reader_add.h"
#include "schema/readers/core/toml_library.h"
#include "schema/readers/core/toml_scan.h"
#include "tests/fuzz/same_tree.h"

#include <stdlib.h>

// Whether both trees are read, and differ.
static bool is_different(struct arena *arena, const struct source_file *file) {
    const struct node *scanned;
    const struct node *parsed;
    if (reader_check_bytes(file, LIMIT_TOML_BYTES, NULL) || !toml_scan(arena, file, &scanned)) {
        return false;
    }
    return toml_parse_library(arena, file, &parsed, NULL) || !is_same_tree(scanned, parsed);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct arena *arena = arena_new(0);
    struct source_file file = {.path = "a.toml", .bytes = (const char *)bytes, .len = len};
    if (is_different(arena, &file)) {
        abort();
    }
    arena_free(arena);
    return 0;
}
