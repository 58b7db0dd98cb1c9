// SPDX-License-Identifier: MIT
// The body of a publish: decode, apply the rules. A release that passes must be written and read
// again without a change of its digest.
#include "tests/fuzz/fuzz.h"

#include "schema/release/release.h"

#include <stdlib.h>
#include <string.h>

static const struct valid_release *check(struct arena *arena, const char *json, size_t len) {
    struct findings findings;
    const struct release *release;
    const struct valid_release *valid = NULL;
    findings_init(&findings, arena);
    if (!release_decode(arena, json, len, &findings, &release, NULL)) {
        release_check(arena, release, &findings, &valid, NULL);
    }
    return valid;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct arena *arena = arena_new(0);
    const struct valid_release *valid = check(arena, (const char *)bytes, len);
    if (valid) {
        const struct valid_release *again = check(arena, valid->document, valid->document_len);
        if (!again || memcmp(valid->digest, again->digest, sizeof valid->digest) != 0) {
            abort();
        }
    }
    arena_free(arena);
    return 0;
}
