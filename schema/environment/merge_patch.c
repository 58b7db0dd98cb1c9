// SPDX-License-Identifier: MIT
// The algorithm of RFC 7396, section 2, on copies of what it alters and references to the rest.
//
//     target {"a": 1, "b": {"c": 2, "d": 3}}   patch {"a": null, "b": {"c": 4}, "e": 5}
//     result {"b": {"c": 4, "d": 3}, "e": 5}
//
// Neither argument is altered: a change that meets another one is applied again.
#include "schema/environment/merge_patch.h"

#include "schema/json/json.h"

// RFC 7396, which gives this very algorithm. Depth is bounded by the parser of the patch. Neither argument is
// changed: the result shares what the patch does not touch.
json_t *merge_patch_apply(json_t *target, json_t *patch) {
    if (!json_is_object(patch)) {
        return json_incref(patch);
    }
    scoped(cleanup_json) json_t *merged =
        json_is_object(target) ? json_copy(target) : json_object();
    const char *key;
    json_t *value;
    if (!merged) {
        return NULL;
    }
    json_object_foreach(patch, key, value) {
        if (json_is_null(value)) {
            json_object_del(merged, key);
            continue;
        }
        json_t *inner = merge_patch_apply(json_object_get(target, key), value);
        if (json_object_set_new(merged, key, inner)) {
            return NULL;
        }
    }
    return take(merged);
}
