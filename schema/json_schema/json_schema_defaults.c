// SPDX-License-Identifier: MIT
// "default" decides nothing in JSON Schema; it tells a program what to do. Ours is what every form of settings does: a
// setting that is not given has the default of its schema. References are followed a few steps and only into the same
// document, so a schema that refers to itself ends.
#include "schema/json_schema/json_schema_defaults.h"

#include "schema/base/cleanup.h"
#include "schema/json/json.h"

#include <string.h>

enum { DEFAULTS_DEPTH = 32 }; // of schemas, references included

static bool collect(const json_t *root, const json_t *schema, size_t depth, json_t *into);

// "#/$defs/name": the shape that people write. Segments with ~ or % are left alone.
static const json_t *follow(const json_t *root, const char *reference) {
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

// The default of one member: its own, or the object that its properties make.
static bool collect_member(const json_t *root, const json_t *schema, size_t depth,
                           json_t **ret_value) {
    const json_t *own = json_object_get(schema, "default");
    if (own) {
        *ret_value = json_deep_copy(own);
        return *ret_value;
    }
    scoped(cleanup_json) json_t *inner = json_object();
    if (!inner || !collect(root, schema, depth, inner)) {
        return false;
    }
    *ret_value = json_object_size(inner) ? take(inner) : NULL;
    return true;
}

static bool collect_properties(const json_t *root, const json_t *properties, size_t depth,
                               json_t *into) {
    const char *key;
    json_t *schema;
    json_object_foreach((json_t *)properties, key, schema) {
        json_t *value = NULL;
        if (json_object_get(into, key)) {
            continue;
        }
        if (!collect_member(root, schema, depth, &value) ||
            (value && json_object_set_new(into, key, value))) {
            return false;
        }
    }
    return true;
}

static bool collect(const json_t *root, const json_t *schema, size_t depth, json_t *into) {
    const json_t *all = json_object_get(schema, "allOf");
    const char *reference = json_string_value(json_object_get(schema, "$ref"));
    if (!depth) {
        return true;
    }
    if (!collect_properties(root, json_object_get(schema, "properties"), depth - 1, into)) {
        return false;
    }
    if (reference && !collect(root, follow(root, reference), depth - 1, into)) {
        return false;
    }
    for (size_t i = 0; i < json_array_size(all); i++) {
        if (!collect(root, json_array_get(all, i), depth - 1, into)) {
            return false;
        }
    }
    return true;
}

json_t *json_schema_defaults(const json_t *document) {
    scoped(cleanup_json) json_t *defaults = json_object();
    return defaults && collect(document, document, DEFAULTS_DEPTH, defaults) ? take(defaults)
                                                                             : NULL;
}

json_t *json_schema_fill(const json_t *defaults, const json_t *settings) {
    scoped(cleanup_json) json_t *filled = json_deep_copy(defaults);
    const char *key;
    json_t *value;
    if (!filled) {
        return NULL;
    }
    json_object_foreach((json_t *)settings, key, value) {
        const json_t *given = json_object_get(filled, key);
        bool merges = json_is_object(given) && json_is_object(value);
        json_t *member = merges ? json_schema_fill(given, value) : json_incref(value);
        if (json_object_set_new(filled, key, member)) {
            return NULL;
        }
    }
    return take(filled);
}
