// SPDX-License-Identifier: MIT
// Regular expressions of JSON Schema. Input: an expression, and below it a text. What must hold besides not crashing: an
// expression keeps to its limits, `(?:E)`, `E|E` and `(?:E){1}` mean what E means, and the steps bound the work.
#include "tests/fuzz/fuzz.h"

#include "schema/base/arena.h"
#include "schema/base/list.h"
#include "schema/json_schema/regex.h"

#include <stdlib.h>

static void must(bool holds) {
    if (!holds) {
        abort();
    }
}

static void check(struct arena *arena, struct text source, struct text text) {
    struct regex *regex = NULL;
    struct regex_room *room = regex_room_new(arena);
    size_t steps = 1000000;
    if (!room || regex_read(arena, source, &regex, NULL)) {
        return;
    }
    bool matches = regex_matches(regex, text, room, &steps);
    int n = (int)source.len;
    const char *e = source.ptr;
    const char *same[] = {arena_printf(arena, "(?:%.*s)", n, e),
                          arena_printf(arena, "(?:%.*s)|(?:%.*s)", n, e, n, e),
                          arena_printf(arena, "(?:%.*s){1}", n, e)};
    for (size_t i = 0; steps && i < COUNT_OF(same); i++) {
        size_t more = 4000000;
        if (same[i] && !regex_read(arena, text_from(same[i]), &regex, NULL)) {
            must(regex_matches(regex, text, room, &more) == matches);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct arena *arena = arena_new(0);
    struct text rest = {(const char *)bytes, len};
    struct text line = {0};
    if (text_split(&rest, '\n', &line) && !text_has_nul(bytes, len) &&
        utf8_is_valid(line.ptr, line.len) && utf8_is_valid(rest.ptr, rest.len)) {
        check(arena, line, rest);
    }
    arena_free(arena);
    return 0;
}
