// SPDX-License-Identifier: MIT
// Called by workers for answers over a kilobyte. Answers are JSON and HTML, which shrink to a fifth or
// less, so a quarter of the length is taken first: many clients that read slowly hold little. What is not
// smaller than the input is not worth sending.
#include "registryd/http/gzip.h"

#include <limits.h>
#include <string.h>
#include <zlib.h>

enum {
    GZIP_WINDOW_BITS = 15 + 16, // the largest window, with a gzip header
    MEMORY_LEVEL = 8,
    FIRST_DIVISOR = 4,
    FIRST_BYTES_MIN = 1024,
};

// Room for `size` bytes, with what has been packed already.
static bool make_room(struct arena *arena, z_stream *stream, Bytef **packed, size_t size) {
    Bytef *room = arena_alloc(arena, size);
    if (!room) {
        return false;
    }
    if (stream->total_out) {
        memcpy(room, *packed, stream->total_out);
    }
    *packed = room;
    stream->next_out = room + stream->total_out;
    stream->avail_out = (uInt)(size - stream->total_out);
    return true;
}

static enum status pack(struct arena *arena, z_stream *stream, size_t len, Bytef **ret_packed) {
    size_t first = len / FIRST_DIVISOR > FIRST_BYTES_MIN ? len / FIRST_DIVISOR : len;
    if (!make_room(arena, stream, ret_packed, first)) {
        return STATUS_NO_MEMORY;
    }
    int result = deflate(stream, Z_FINISH);
    if (result == Z_STREAM_END) {
        return STATUS_OK;
    }
    if (first == len || !make_room(arena, stream, ret_packed, len)) {
        return first == len ? STATUS_TOO_LARGE : STATUS_NO_MEMORY;
    }
    return deflate(stream, Z_FINISH) == Z_STREAM_END ? STATUS_OK : STATUS_TOO_LARGE;
}

enum status gzip_pack(struct arena *arena, struct text plain, struct text *ret_packed) {
    if (plain.len > INT_MAX) {
        return STATUS_TOO_LARGE;
    }
    z_stream stream = {.next_in = (z_const Bytef *)plain.ptr, .avail_in = (uInt)plain.len};
    if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, GZIP_WINDOW_BITS, MEMORY_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        return STATUS_NO_MEMORY;
    }
    Bytef *packed = NULL;
    enum status status = pack(arena, &stream, plain.len, &packed);
    size_t len = stream.total_out;
    deflateEnd(&stream);
    if (status) {
        return status;
    }
    *ret_packed = (struct text){(const char *)packed, len};
    return STATUS_OK;
}
