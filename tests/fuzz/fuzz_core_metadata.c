// SPDX-License-Identifier: MIT
// METADATA and PKG-INFO. What must hold besides not crashing: every value is text, and the parsed
// parts stand only where their fields do.
#include "tests/fuzz/fuzz.h"

#include "schema/packaging/metadata/core_metadata.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void must(bool holds) {
    if (!holds) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct arena *arena = arena_new(0);
    const struct core_metadata *metadata;
    const char *const *keywords;
    size_t count;
    if (!core_metadata_parse(arena, (struct text){(const char *)bytes, len}, &metadata, NULL)) {
        for (size_t i = 0; i < METADATA_FIELD_COUNT; i++) {
            for (size_t j = 0; j < metadata->values[i].count; j++) {
                const char *text = metadata->values[i].items[j].text;
                must(utf8_is_valid(text, strlen(text)));
            }
        }
        must(metadata->requirement_count <= metadata->values[METADATA_REQUIRES_DIST].count);
        must(!metadata->version || metadata->values[METADATA_VERSION].count > 0);
        must(!core_metadata_keywords(arena, metadata, &keywords, &count, NULL));
    }
    arena_free(arena);
    return 0;
}
