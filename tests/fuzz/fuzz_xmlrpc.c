// SPDX-License-Identifier: MIT
// A call of XML-RPC. What must hold besides not crashing: a call that is read names a method, and keeps the bounds.
#include "tests/fuzz/fuzz.h"

#include "registryd/api/pypi/xmlrpc_parse.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct arena *arena = arena_new(0);
    struct xmlrpc_call call;
    if (!xmlrpc_parse(arena, (struct text){(const char *)bytes, len}, &call, NULL)) {
        if (!*call.method || call.param_count > XMLRPC_PARAMS_MAX) {
            abort();
        }
        for (size_t i = 0; i < call.param_count; i++) {
            const struct strings *list = &call.params[i].list;
            if (list->count > XMLRPC_VALUES_MAX || (list->count && !list->items[list->count - 1])) {
                abort();
            }
        }
    }
    arena_free(arena);
    return 0;
}
