// SPDX-License-Identifier: MIT
// The body of a change of an environment: as a patch of nothing, then as a document. What passes must be
// written and read again without a change.
#include "tests/fuzz/fuzz.h"

#include "schema/base/limits.h"
#include "schema/environment/environment.h"
#include "schema/json/json.h"
#include "schema/environment/merge_patch.h"

#include <stdlib.h>
#include <string.h>

static const char *normal_form(struct arena *arena, const json_t *document) {
    struct findings findings;
    struct environment environment;
    findings_init(&findings, arena);
    if (environment_decode(arena, document, &findings, &environment, NULL)) {
        return NULL;
    }
    scoped(cleanup_json) json_t *encoded = environment_encode(&environment);
    return encoded ? json_encode_canonical(arena, encoded) : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct arena *arena = arena_new(0);
    scoped(cleanup_json) json_t *body = NULL;
    if (!json_parse((struct text){(const char *)bytes, len}, LIMIT_ENVIRONMENT_BYTES, &body,
                    NULL)) {
        scoped(cleanup_json) json_t *applied = merge_patch_apply(NULL, body);
        normal_form(arena, applied);
        const char *once = normal_form(arena, body);
        scoped(cleanup_json) json_t *read = once ? json_loads(once, 0, NULL) : NULL;
        const char *twice = read ? normal_form(arena, read) : NULL;
        if (once && (!twice || strcmp(once, twice) != 0)) {
            abort();
        }
    }
    arena_free(arena);
    return 0;
}
