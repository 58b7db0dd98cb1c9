// SPDX-License-Identifier: MIT
// The front of the reader: what no field can survive, line ends, then the steps one after another.
#include "schema/packaging/metadata/core_metadata.h"

#include "schema/base/limits.h"
#include "schema/packaging/metadata/core_metadata_parts.h"

#include <string.h>

// A copy with \n for \r\n and \r, as Python opens a text file.
static bool copy_lines(struct arena *arena, struct text bytes, struct text *ret_text) {
    char *copy = arena_copy(arena, bytes.ptr, bytes.len);
    size_t len = bytes.len;
    if (copy && bytes.len && memchr(bytes.ptr, '\r', bytes.len)) {
        len = 0;
        for (size_t i = 0; i < bytes.len; i++) {
            if (bytes.ptr[i] != '\r') {
                copy[len++] = bytes.ptr[i];
            } else if (i + 1 == bytes.len || bytes.ptr[i + 1] != '\n') {
                copy[len++] = '\n';
            }
        }
    }
    *ret_text = (struct text){copy, len};
    return copy;
}

enum status core_metadata_parse(struct arena *arena, struct text bytes,
                                const struct core_metadata **ret_metadata, struct error *err) {
    if (bytes.len > LIMIT_METADATA_BYTES) {
        return fail(err, STATUS_TOO_LARGE, NULL, "the core metadata is over %d bytes",
                    LIMIT_METADATA_BYTES);
    }
    if (!utf8_is_valid(bytes.ptr, bytes.len) || text_has_nul(bytes.ptr, bytes.len)) {
        return fail(err, STATUS_INVALID, NULL,
                    "the core metadata is not UTF-8 text, or has a NUL byte");
    }
    struct core_metadata *metadata = arena_alloc(arena, sizeof *metadata);
    struct text text;
    if (!metadata || !copy_lines(arena, bytes, &text)) {
        return fail_no_memory(err);
    }
    lints_init(&metadata->lints, arena);
    enum status status = core_metadata_split(arena, text, metadata, err);
    if (status == STATUS_OK) {
        status = core_metadata_check(arena, metadata, err);
    }
    if (status == STATUS_OK) {
        *ret_metadata = metadata;
    }
    return status;
}
