// SPDX-License-Identifier: MIT
// The address of a request. What must hold besides not crashing: a parsed path has no NUL, no control
// character and no dot segment.
#include "tests/fuzz/fuzz.h"

#include "registryd/http/head/uri.h"

#include <stdlib.h>
#include <string.h>

static bool is_sound(const char *segment) {
    for (const char *c = segment; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == '/' || *c == '\\') {
            return false;
        }
    }
    return strcmp(segment, ".") != 0 && strcmp(segment, "..") != 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct arena *arena = arena_new(0);
    struct text query = {(const char *)bytes, len};
    struct text path;
    struct uri uri;
    if (text_split(&query, '?', &path) && !uri_parse(arena, path, query, &uri, NULL)) {
        for (size_t i = 0; i < uri.segment_count; i++) {
            if (!is_sound(uri.segments[i])) {
                abort();
            }
        }
    }
    arena_free(arena);
    return 0;
}
