// SPDX-License-Identifier: MIT
// "default" decides nothing in JSON Schema; it tells a program what to do. Ours is what every form of settings does: a
// setting that is not given has the default of its schema. References are followed a few steps and only into the same
// document, and schemas are looked at a limited number of times, so one that refers to itself ends.
#include "schema/json_schema/json_schema_defaults.h"

#include "schema/base/cleanup.h"
#include "schema/json/json.h"
#include "schema/json_schema/json_schema_refer.h"

enum {
    DEFAULTS_DEPTH = 32,    // of schemas, references included
    DEFAULTS_STEPS = 20000, // schemas looked at
};

// A schema, read from the outside in.
struct collecting {
    const json_t *root;
    size_t steps; // that are left
};

static bool collect(struct collecting *work, const json_t *schema, size_t depth, json_t *into);

// The default of one member: its own, or the object that its properties make.
static bool collect_member(struct collecting *work, const json_t *schema, size_t depth,
                           json_t **ret_value) {
    const json_t *own = json_object_get(schema, "default");
    if (own) {
        *ret_value = json_deep_copy(own);
        return *ret_value;
    }
    scoped(cleanup_json) json_t *inner = json_object();
    if (!inner || !collect(work, schema, depth, inner)) {
        return false;
    }
    *ret_value = json_object_size(inner) ? take(inner) : NULL;
    return true;
}

static bool collect_properties(struct collecting *work, const json_t *properties, size_t depth,
                               json_t *into) {
    const char *key;
    json_t *schema;
    json_object_foreach((json_t *)properties, key, schema) {
        json_t *value = NULL;
        if (json_object_get(into, key)) {
            continue;
        }
        if (!collect_member(work, schema, depth, &value) ||
            (value && json_object_set_new(into, key, value))) {
            return false;
        }
    }
    return true;
}

static bool collect(struct collecting *work, const json_t *schema, size_t depth, json_t *into) {
    const json_t *all = json_object_get(schema, "allOf");
    const char *reference = json_string_value(json_object_get(schema, "$ref"));
    if (!depth || !work->steps) {
        return true;
    }
    work->steps--;
    if (!collect_properties(work, json_object_get(schema, "properties"), depth - 1, into)) {
        return false;
    }
    if (reference && !collect(work, json_schema_refer(work->root, reference), depth - 1, into)) {
        return false;
    }
    for (size_t i = 0; i < json_array_size(all); i++) {
        if (!collect(work, json_array_get(all, i), depth - 1, into)) {
            return false;
        }
    }
    return true;
}

json_t *json_schema_defaults(const json_t *document) {
    struct collecting work = {document, DEFAULTS_STEPS};
    scoped(cleanup_json) json_t *defaults = json_object();
    return defaults && collect(&work, document, DEFAULTS_DEPTH, defaults) ? take(defaults) : NULL;
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
