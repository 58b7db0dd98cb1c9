// SPDX-License-Identifier: MIT
// What an object store sends with a refusal, and a file of its keys. What must hold besides not crashing: texts are
// whole and printable, and keys that were read are not empty.
#include "tests/fuzz/fuzz.h"

#include "registryd/object_store/object_credentials.h"
#include "registryd/object_store/object_problem.h"

#include <stdlib.h>
#include <string.h>

static void check_text(const char *text, size_t size) {
    size_t len = strnlen(text, size);
    if (len == size || !utf8_is_valid(text, len)) {
        abort();
    }
    for (size_t i = 0; i < len; i++) {
        if (is_control(text[i])) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct text input = {(const char *)bytes, len};
    struct object_problem problem;
    struct object_credentials credentials;
    struct arena *arena = arena_new(0);
    object_problem_parse(input, &problem);
    check_text(problem.code, sizeof problem.code);
    check_text(problem.message, sizeof problem.message);
    if (!object_credentials_parse(arena, "fuzz", input, &credentials, NULL) &&
        (!*credentials.access_key || !*credentials.secret_key)) {
        abort();
    }
    arena_free(arena);
    return 0;
}
