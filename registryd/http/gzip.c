// SPDX-License-Identifier: MIT
// One call of deflate into a buffer as long as the input: what does not fit is not worth sending.
#include "registryd/http/gzip.h"

#include <limits.h>
#include <zlib.h>

enum {
    GZIP_WINDOW_BITS = 15 + 16, // the largest window, with a gzip header
    MEMORY_LEVEL = 8,
};

enum status gzip_pack(struct arena *arena, struct text plain, struct text *ret_packed) {
    if (plain.len > INT_MAX) {
        return STATUS_TOO_LARGE;
    }
    Bytef *packed = arena_alloc(arena, plain.len);
    z_stream stream = {.next_in = (z_const Bytef *)plain.ptr, .avail_in = (uInt)plain.len};
    if (!packed || deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, GZIP_WINDOW_BITS, MEMORY_LEVEL,
                                Z_DEFAULT_STRATEGY) != Z_OK) {
        return STATUS_NO_MEMORY;
    }
    stream.next_out = packed;
    stream.avail_out = (uInt)plain.len;
    int result = deflate(&stream, Z_FINISH);
    size_t len = stream.total_out;
    deflateEnd(&stream);
    if (result != Z_STREAM_END) {
        return STATUS_TOO_LARGE;
    }
    *ret_packed = (struct text){(const char *)packed, len};
    return STATUS_OK;
}
