// SPDX-License-Identifier: MIT
// The walk alone, as a program that links the library sees it: `bench_walk CONVENTION ROOT` walks and
// merges, and prints how many records there are. The hosts' ways beside it print no more than that.
#include "client/walk/source_walk.h"
#include "schema/base/cleanup.h"

#include <stdio.h>

int main(int argc, char **argv) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct error err = {0};
    struct records records = {0};
    if (argc != 3 || !arena) {
        fprintf(stderr, "usage: bench_walk CONVENTION ROOT\n");
        return 2;
    }
    struct walk_root root = {.path = argv[2]};
    struct walk_query query = {.roots = &root, .root_count = 1, .convention = argv[1]};
    if (source_walk(arena, &query, &records, &err)) {
        fprintf(stderr, "%s: %s\n", err.where, err.message);
        return 1;
    }
    printf("%zu\n", records.count);
    return 0;
}
