// SPDX-License-Identifier: MIT
// Source distributions: the input is the tar; the gzip around it is made here, of stored blocks, so
// that its checksum never stands in the way.
#include "tests/fuzz/fuzz.h"

#include "schema/readers/archive/archive.h"
#include "schema/readers/artifact/artifact.h"

static void add16(struct buffer *buffer, size_t value) {
    const char bytes[] = {(char)value, (char)(value >> 8)};
    buffer_add(buffer, bytes, sizeof bytes);
}

static void wrap(struct buffer *buffer, const char *bytes, size_t len) {
    static const char header[] = "\x1f\x8b\x08\0\0\0\0\0\0\xff";
    enum { BLOCK = 65535 };
    buffer_add(buffer, header, 10);
    for (size_t at = 0; at < len || at == 0; at += BLOCK) {
        size_t step = len - at < BLOCK ? len - at : BLOCK;
        buffer_add(buffer, at + step == len ? "\1" : "\0", 1);
        add16(buffer, step);
        add16(buffer, ~step);
        buffer_add(buffer, bytes + at, step);
    }
    uint32_t crc = archive_crc32(0, bytes, len);
    add16(buffer, crc);
    add16(buffer, crc >> 16);
    add16(buffer, len);
    add16(buffer, len >> 16);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct arena *arena = arena_new(0);
    struct buffer gzip;
    buffer_init(&gzip, 1 << 24);
    wrap(&gzip, (const char *)bytes, len);
    struct source_file file = {"crm-1.0.tar.gz", gzip.ptr, gzip.len};
    struct findings findings;
    const struct release *release = NULL;
    const struct valid_release *valid;
    struct artifact artifact;
    findings_init(&findings, arena);
    if (!gzip.failed && !artifact_read(arena, &file, &findings, &release, &artifact, NULL)) {
        release_check(arena, release, &findings, &valid, NULL);
    }
    buffer_done(&gzip);
    arena_free(arena);
    return 0;
}
