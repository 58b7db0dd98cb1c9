// SPDX-License-Identifier: MIT
// Two manifests, one after the other with a line break between, of two plugins of one group: merged, and compared with
// the merge in the other order, which must have the same items.
#include "tests/fuzz/fuzz.h"

#include "schema/contributions/contributions.h"
#include "schema/json/json.h"

#include <stdlib.h>
#include <string.h>

static const char *manifest_of(struct arena *arena, struct text text) {
    scoped(cleanup_json) json_t *json = NULL;
    bool is_object = !json_parse(text, 65536, &json, NULL) && json_is_object(json);
    return is_object ? json_encode_canonical(arena, json) : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct arena *arena = arena_new(0);
    struct text rest = {(const char *)bytes, len};
    struct text first = {"", 0};
    struct record pair[2] = {{.group = "g", .name = "a", .package = "a"},
                             {.group = "g", .name = "b", .package = "b"}};
    text_split(&rest, '\n', &first);
    pair[0].manifest = manifest_of(arena, first);
    pair[1].manifest = manifest_of(arena, rest.ptr ? rest : (struct text){"", 0});
    struct record swapped[2] = {pair[1], pair[0]};
    struct records records = {pair, 2, 2};
    struct records others = {swapped, 2, 2};
    scoped(cleanup_json) json_t *document = NULL;
    scoped(cleanup_json) json_t *other = NULL;
    scoped(cleanup_json) json_t *report = NULL;
    if (contributions_merge(&records, &document, NULL) ||
        contributions_merge(&others, &other, NULL) ||
        contributions_compare(document, other, &report, NULL) ||
        !json_is_true(json_object_get(report, "same"))) {
        abort();
    }
    arena_free(arena);
    return 0;
}
