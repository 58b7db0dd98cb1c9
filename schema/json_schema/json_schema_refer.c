// SPDX-License-Identifier: MIT
// The check itself resolves every reference that the standard knows (json_schema_read.c). Here only the plain pointer
// counts. Segments with "~" or "%" are left alone: no author writes them for a name of a definition.
#include "schema/json_schema/json_schema_refer.h"

#include <string.h>

const json_t *json_schema_refer(const json_t *root, const char *reference) {
    if (!reference || strncmp(reference, "#/", 2) != 0 || strpbrk(reference, "~%")) {
        return NULL;
    }
    const json_t *at = root;
    for (const char *part = reference + 2; at;) {
        size_t len = strcspn(part, "/");
        at = json_object_getn(at, part, len);
        if (!part[len]) {
            return at;
        }
        part += len + 1;
    }
    return NULL;
}
