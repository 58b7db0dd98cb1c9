// SPDX-License-Identifier: MIT
// A form: the Content-Type on the first line, the body behind it. What must hold besides not crashing:
// every part has a name, and all contents together are no longer than the body.
#include "tests/fuzz/fuzz.h"

#include "registryd/request/multipart.h"

#include <stdlib.h>

static void read_form(struct arena *arena, const char *content_type, struct text body) {
    struct multipart *form;
    struct multipart_part part;
    struct text rest = body;
    const struct byte_source source = byte_source_of(&rest);
    size_t total = 0;
    bool found = true;
    if (!multipart_is(content_type) || multipart_begin(arena, content_type, &source, &form, NULL)) {
        return;
    }
    while (!multipart_next(form, &part, &found, NULL) && found) {
        struct text piece = {"", 1};
        if (!part.name) {
            abort();
        }
        while (piece.len && !multipart_read(form, &piece, NULL)) {
            total += piece.len;
        }
        if (total > body.len) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct arena *arena = arena_new(0);
    struct text rest = {(const char *)bytes, len};
    struct text line;
    if (text_split(&rest, '\n', &line) && !text_has_nul(line.ptr, line.len)) {
        read_form(arena, arena_copy(arena, line.ptr, line.len), rest);
    }
    arena_free(arena);
    return 0;
}
