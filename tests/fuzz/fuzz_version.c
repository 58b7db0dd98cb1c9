// SPDX-License-Identifier: MIT
// Versions and specifier sets. Input: a version, a line feed, a specifier set. What must hold besides
// not crashing: the normal form parses again, to an equal version with the same key.
#include "tests/fuzz/fuzz.h"

#include "schema/base/arena.h"
#include "schema/packaging/version/specifier.h"
#include "schema/packaging/version/version.h"

#include <stdlib.h>
#include <string.h>

static void must(bool holds) {
    if (!holds) {
        abort();
    }
}

static void check_normal_form(struct arena *arena, const struct version *version) {
    const struct version *again;
    const uint8_t *key;
    const uint8_t *key_again;
    size_t len;
    size_t len_again;
    must(!version_parse(arena, text_from(version_string(version)), &again, NULL));
    must(version_compare(version, again) == 0);
    must(!version_key(arena, version, &key, &len, NULL));
    must(!version_key(arena, again, &key_again, &len_again, NULL));
    must(len == len_again && memcmp(key, key_again, len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct arena *arena = arena_new(0);
    struct text rest = {(const char *)bytes, len};
    struct text first;
    const struct version *version = NULL;
    const struct specifier_set *set = NULL;
    if (text_split(&rest, '\n', &first) && !version_parse(arena, first, &version, NULL)) {
        check_normal_form(arena, version);
    }
    if (!specifier_set_parse(arena, rest, &set, NULL) && version) {
        specifier_set_contains(set, version, PRERELEASES_ALLOW);
        specifier_set_contains(set, version, PRERELEASES_DEFAULT);
    }
    arena_free(arena);
    return 0;
}
