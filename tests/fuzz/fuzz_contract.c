// SPDX-License-Identifier: MIT
// The body that sets the contract of a group. What is taken must be written and read again without a
// change.
#include "tests/fuzz/fuzz.h"

#include "registryd/api/groups/contracts.h"
#include "schema/json/json.h"

#include <stdlib.h>
#include <string.h>

// The body as it would be written; NULL when it is refused.
static const char *normal_form(struct arena *arena, struct text body) {
    struct findings findings;
    struct group_contract contract;
    struct error err;
    struct request request = {.arena = arena, .method = "PUT", .body = body};
    findings_init(&findings, arena);
    if (contract_decode(&request, "fuzz.plugins", &findings, &contract, &err)) {
        return NULL;
    }
    scoped(cleanup_json) json_t *json = contract_encode(&contract);
    return json ? json_encode_canonical(arena, json) : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct arena *arena = arena_new(0);
    const char *once = normal_form(arena, (struct text){(const char *)bytes, len});
    const char *twice = once ? normal_form(arena, text_from(once)) : NULL;
    if (once && (!twice || strcmp(once, twice) != 0)) {
        abort();
    }
    arena_free(arena);
    return 0;
}
