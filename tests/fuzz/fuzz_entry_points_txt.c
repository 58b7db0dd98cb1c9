// SPDX-License-Identifier: MIT
// entry_points.txt. What must hold besides not crashing: entries have their three parts and lines
// that rise, and written out again they read the same.
#include "tests/fuzz/fuzz.h"

#include "schema/packaging/entry_points_txt.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void must(bool holds) {
    if (!holds) {
        abort();
    }
}

// Groups keep their brackets off the ends, so that each can be written as a header again.
static void check_written_again(struct arena *arena, const struct entry_points_txt *file) {
    const struct entry_points_txt *again;
    for (size_t i = 0; i < file->count; i++) {
        const struct entry_point *entry = &file->entries[i];
        const char *text =
            arena_printf(arena, "[%s]\n%s = %s\n", entry->group, entry->name, entry->value);
        bool plain = entry->name[0] != '[' && entry->name[0] != '#';
        must(!entry_points_txt_parse(arena, text_from(text), &again, NULL));
        if (plain && again->count == 1) {
            must(strcmp(again->entries[0].group, entry->group) == 0);
            must(strcmp(again->entries[0].name, entry->name) == 0);
            must(strcmp(again->entries[0].value, entry->value) == 0);
        }
        must(!plain || again->count == 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct arena *arena = arena_new(0);
    const struct entry_points_txt *file;
    if (!entry_points_txt_parse(arena, (struct text){(const char *)bytes, len}, &file, NULL)) {
        for (size_t i = 1; i < file->count; i++) {
            must(file->lines[i] >= file->lines[i - 1]);
        }
        check_written_again(arena, file);
    }
    arena_free(arena);
    return 0;
}
