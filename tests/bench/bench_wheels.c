// SPDX-License-Identifier: MIT
// bench_wheels FILE: reads the wheel over and over, from its bytes to the release, then makes its digest
// over and over, and prints the milliseconds of processor time of both. wheel_rates.py does the same
// with Python's readers.
#include "schema/base/cleanup.h"
#include "schema/digest.h"
#include "schema/readers/artifact/artifact.h"

#include <stdio.h>
#include <time.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static bool load(struct arena *arena, struct source_file *file) {
    scoped(cleanup_file) FILE *stream = fopen(file->path, "rb");
    long size = stream && fseek(stream, 0, SEEK_END) == 0 ? ftell(stream) : -1;
    char *bytes = size > 0 ? arena_alloc(arena, (size_t)size) : NULL;
    if (!bytes || fseek(stream, 0, SEEK_SET) != 0) {
        return false;
    }
    file->bytes = bytes;
    file->len = (size_t)size;
    return fread(bytes, 1, file->len, stream) == file->len;
}

// True when the wheel is good and has a name.
static bool read_wheel(const struct source_file *file) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct findings findings;
    const struct release *release = NULL;
    struct artifact artifact;
    findings_init(&findings, arena);
    return !artifact_read(arena, file, &findings, &release, &artifact, NULL) && release->name;
}

static bool digest_wheel(const struct source_file *file) {
    uint8_t digest[DIGEST_SIZE];
    digest_sha256(file->bytes, file->len, digest);
    return digest[0] | 1; // so that no work can be left out
}

static double milliseconds(bool (*work)(const struct source_file *),
                           const struct source_file *file) {
    size_t done = 0;
    double start = now();
    while (now() - start < 0.5) {
        done += work(file);
    }
    return (now() - start) * 1e3 / (double)done;
}

int main(int argc, char **argv) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct source_file file = {.path = argc == 2 ? argv[1] : ""};
    if (!load(arena, &file) || !read_wheel(&file)) {
        fprintf(stderr, "usage: bench_wheels FILE, a good wheel\n");
        return 2;
    }
    printf("%.6f %.6f\n", milliseconds(read_wheel, &file), milliseconds(digest_wheel, &file));
    return 0;
}
