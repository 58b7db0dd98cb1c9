// SPDX-License-Identifier: MIT
// A declared convention and a file read by it: the input is the declaration, a NUL, and the file. Without
// a NUL the file is empty.
#include "tests/fuzz/fuzz.h"

#include "schema/readers/conventions/declared.h"
#include "schema/base/list.h"

#include <string.h>

static void read_plugin(struct arena *arena, const struct declared *declared,
                        const struct source_file *file, struct findings *findings) {
    const char *captures[] = {"hello", "deep"};
    const struct release project = {.name = "project", .version = "2.0"};
    const struct declared_match matches[] = {
        {file, {captures, 1}, NULL},
        {file, {captures, 2}, &project},
    };
    const struct release *release = NULL;
    const struct valid_release *valid;
    for (size_t i = 0; i < COUNT_OF(matches); i++) {
        if (!declared_read(arena, declared, &matches[i], findings, &release, NULL)) {
            release_check(arena, release, findings, &valid, NULL);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    const uint8_t *nul = len ? memchr(bytes, 0, len) : NULL;
    size_t first = nul ? (size_t)(nul - bytes) : len;
    struct source_file said = {"convention.yaml", (const char *)bytes, first};
    struct source_file file = {"hello/plugin", nul ? (const char *)nul + 1 : "",
                               nul ? len - first - 1 : 0};
    struct arena *arena = arena_new(0);
    struct findings findings;
    const struct declared *declared = NULL;
    findings_init(&findings, arena);
    if (!declared_parse(arena, &said, &findings, &declared, NULL)) {
        read_plugin(arena, declared, &file, &findings);
    }
    arena_free(arena);
    return 0;
}
