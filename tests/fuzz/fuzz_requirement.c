// SPDX-License-Identifier: MIT
// Requirements and markers. What must hold besides not crashing: the normal form parses again to
// itself, and says the same of an environment.
#include "tests/fuzz/fuzz.h"

#include "schema/packaging/requirement/requirement.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void must(bool holds) {
    if (!holds) {
        abort();
    }
}

static void fill(struct marker_environment *environment, struct arena *arena, size_t known) {
    static const char *const values[MARKER_EXTRA] = {
        "posix", "linux", "x86_64", "CPython", "6.1.0-13-amd64", "Linux",
        "10.0",  "3.11",  "3.11.2", "cpython", "3.11.2",
    };
    marker_environment_init(environment, arena);
    for (size_t i = 0; i < known; i++) {
        must(!marker_environment_set(environment, (enum marker_variable)i, text_from(values[i]),
                                     NULL));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct arena *arena = arena_new(0);
    const struct requirement *first;
    const struct requirement *again;
    if (!requirement_parse(arena, (struct text){(const char *)bytes, len}, &first, NULL)) {
        must(!requirement_parse(arena, text_from(first->string), &again, NULL));
        must(strcmp(first->string, again->string) == 0);
        for (size_t known = 0; known <= MARKER_EXTRA; known += MARKER_EXTRA) {
            struct marker_environment environment;
            fill(&environment, arena, known);
            struct marker_result a = requirement_applies(first, &environment);
            struct marker_result b = requirement_applies(again, &environment);
            must(a.truth == b.truth);
            must(a.truth != TRUTH_UNKNOWN || a.unknown == b.unknown);
        }
    }
    arena_free(arena);
    return 0;
}
