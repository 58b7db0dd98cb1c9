// SPDX-License-Identifier: MIT
// Patterns for names. Input: a pattern, and below it a name. What must hold besides not crashing: a
// pattern that is read keeps to its sizes, and `P|P` and `P?` of the whole mean what they say.
#include "tests/fuzz/fuzz.h"

#include "schema/base/arena.h"
#include "schema/base/text.h"
#include "schema/release/name_pattern.h"

#include <stdlib.h>
#include <string.h>

static void must(bool holds) {
    if (!holds) {
        abort();
    }
}

static void check(struct arena *arena, const char *text, const char *name) {
    struct name_pattern pattern;
    struct name_pattern twice;
    if (name_pattern_parse(text, &pattern, NULL)) {
        return;
    }
    must(pattern.item_count <= NAME_PATTERN_ITEMS && pattern.range_count <= NAME_PATTERN_BYTES);
    bool matches = name_pattern_matches(&pattern, name);
    const char *doubled = arena_printf(arena, "%s|%s", text, text);
    if (doubled && !name_pattern_parse(doubled, &twice, NULL)) {
        must(name_pattern_matches(&twice, name) == matches);
    }
    const char *optional = arena_printf(arena, "%s|", text);
    if (optional && !name_pattern_parse(optional, &twice, NULL)) {
        must(name_pattern_matches(&twice, name) == (matches || !*name));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct arena *arena = arena_new(0);
    struct text rest = {(const char *)bytes, len};
    struct text line = {0};
    if (text_split(&rest, '\n', &line) && !text_has_nul(bytes, len) &&
        utf8_is_valid(rest.ptr, rest.len)) {
        const char *text = arena_copy(arena, line.ptr, line.len);
        const char *name = arena_copy(arena, rest.ptr, rest.len);
        if (text && name) {
            check(arena, text, name);
        }
    }
    arena_free(arena);
    return 0;
}
