// SPDX-License-Identifier: MIT
// Artifact file names, platform tags and licence expressions. Input: three lines. What must hold
// besides not crashing: a wheel's version reads back, and a licence's normal form is its own.
#include "tests/fuzz/fuzz.h"

#include "schema/packaging/metadata/license.h"
#include "schema/packaging/tags.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void must(bool holds) {
    if (!holds) {
        abort();
    }
}

static void check_file_name(struct arena *arena, struct text name, struct text platform) {
    const struct wheel_name *wheel;
    const struct sdist_name *sdist;
    const struct version *version;
    struct tags tags;
    struct tags_facts facts = {.python = text_from("3.11"), .platform = platform};
    sdist_name_parse(arena, name, &sdist, NULL);
    if (!wheel_name_parse(arena, name, &wheel, NULL)) {
        must(!version_parse(arena, text_from(version_string(wheel->version)), &version, NULL));
        if (!tags_init(&tags, arena, &facts, NULL)) {
            tags_accept(&tags, wheel, NULL);
        }
    }
}

static void check_license(struct arena *arena, struct text text) {
    struct license first;
    struct license again;
    enum status status = license_parse(arena, text, &first, NULL);
    must(license_check(text, NULL) == status);
    if (!status && strlen(first.expression) <= text.len) {
        must(!license_parse(arena, text_from(first.expression), &again, NULL));
        must(strcmp(first.expression, again.expression) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct arena *arena = arena_new(0);
    struct text rest = {(const char *)bytes, len};
    struct text name = {0};
    struct text platform = {0};
    if (text_split(&rest, '\n', &name) && text_split(&rest, '\n', &platform)) {
        check_file_name(arena, name, platform);
        check_license(arena, rest);
    }
    arena_free(arena);
    return 0;
}
