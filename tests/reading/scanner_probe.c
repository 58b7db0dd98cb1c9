// SPDX-License-Identifier: MIT
// Reads files with a scanner and with the library that it stands in for. Standard input has one path a line, the
// argument is the kind. Each path whose trees differ is a line of the answer; the last line is one of JSON: how
// many files were good for the library, and how many of them the scanner read.
#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/readers/core/reader_add.h"
#include "schema/readers/core/toml_library.h"
#include "schema/readers/core/toml_scan.h"
#include "schema/readers/core/yaml_events.h"
#include "schema/readers/core/yaml_scan.h"
#include "tests/fuzz/same_tree.h"

#include <stdio.h>
#include <string.h>

struct kind {
    const char *name;
    size_t max_bytes;
    bool (*scan)(struct arena *arena, const struct source_file *file, const struct node **ret_root);
    enum status (*parse)(struct arena *arena, const struct source_file *file,
                         const struct node **ret_root, struct error *err);
};

static const struct kind kinds[] = {
    {"toml", LIMIT_TOML_BYTES, toml_scan, toml_parse_library},
    {"yaml", LIMIT_YAML_BYTES, yaml_scan, yaml_parse_events},
};

struct counts {
    size_t files;
    size_t parsed;
    size_t scanned;
    size_t different;
};

static bool load(struct arena *arena, const char *path, size_t max_bytes,
                 struct source_file *ret_file) {
    scoped(cleanup_file) FILE *file = fopen(path, "rb");
    char *bytes = arena_alloc(arena, max_bytes + 1);
    size_t len = file && bytes ? fread(bytes, 1, max_bytes + 1, file) : 0;
    // a block of exactly this size, so that a sanitizer sees what reads beyond it
    *ret_file = (struct source_file){path, arena_copy(arena, bytes, len), len};
    return file && !ferror(file);
}

static void compare(const struct kind *kind, const char *path, struct counts *counts) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct source_file file;
    const struct node *scanned = NULL;
    const struct node *parsed = NULL;
    if (!load(arena, path, kind->max_bytes, &file) ||
        reader_check_bytes(&file, kind->max_bytes, NULL)) {
        return;
    }
    bool is_scanned = kind->scan(arena, &file, &scanned);
    bool is_parsed = kind->parse(arena, &file, &parsed, NULL) == STATUS_OK;
    counts->files++;
    counts->parsed += is_parsed;
    counts->scanned += is_scanned;
    if (is_scanned && (!is_parsed || !is_same_tree(scanned, parsed))) {
        counts->different++;
        printf("%s\n", path);
    }
}

int main(int argc, char **argv) {
    char line[8192];
    struct counts counts = {0};
    const struct kind *kind = NULL;
    for (size_t i = 0; argc == 2 && i < COUNT_OF(kinds); i++) {
        kind = strcmp(kinds[i].name, argv[1]) == 0 ? &kinds[i] : kind;
    }
    if (!kind) {
        fprintf(stderr, "usage: scanner_probe KIND < PATHS\n");
        return 2;
    }
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        compare(kind, line, &counts);
    }
    printf("{\"files\": %zu, \"parsed\": %zu, \"scanned\": %zu, \"different\": %zu}\n",
           counts.files, counts.parsed, counts.scanned, counts.different);
    return 0;
}
