// SPDX-License-Identifier: MIT
// The forms that keywords need: what the description of schemas ("metaschema") says, as code, so that a mistake is a
// sentence about the keyword and not about the description. Pure.
#include "schema/json_schema/json_schema_node.h"

#include "schema/base/list.h"
#include "schema/json/json.h"
#include "schema/json_schema/json_value.h"

#include <string.h>

static bool is_count(const json_t *value) {
    return json_value_is_integer(value) && json_number_value(value) >= 0;
}

static bool is_type_name(const json_t *value) {
    static const char *const names[] = {"null",   "boolean", "object", "array",
                                        "number", "string",  "integer"};
    for (size_t i = 0; json_is_string(value) && i < COUNT_OF(names); i++) {
        if (strcmp(json_string_value(value), names[i]) == 0) {
            return true;
        }
    }
    return false;
}

// An array of strings of which no two are equal.
static bool is_strings(const json_t *value) {
    scoped(cleanup_json) json_t *seen = json_object();
    json_t *item;
    size_t i;
    if (!json_is_array(value)) {
        return false;
    }
    json_array_foreach(value, i, item) {
        if (!json_is_string(item) || json_object_get(seen, json_string_value(item)) ||
            json_object_set_new(seen, json_string_value(item), json_true())) {
            return false;
        }
    }
    return true;
}

static bool is_types(const json_t *value) {
    json_t *item;
    size_t i;
    if (is_type_name(value)) {
        return true;
    }
    json_array_foreach(value, i, item) {
        if (!is_type_name(item)) {
            return false;
        }
    }
    return json_array_size(value) > 0 && is_strings(value);
}

static bool is_strings_by_name(const json_t *value) {
    const char *key;
    json_t *item;
    json_object_foreach((json_t *)value, key, item) {
        if (!is_strings(item)) {
            return false;
        }
    }
    return json_is_object(value);
}

bool schema_is_anchor(const json_t *value) {
    const char *name = json_string_value(value);
    if (!name || (!is_alpha(*name) && *name != '_')) {
        return false;
    }
    for (; *name; name++) {
        if (!is_alnum(*name) && !strchr("-._", *name)) {
            return false;
        }
    }
    return true;
}

bool schema_is_identifier(const json_t *value) {
    const char *text = json_string_value(value);
    const char *mark = text ? strchr(text, '#') : NULL;
    return text && (!mark || !mark[1]);
}

static bool is_string(const json_t *value) {
    return json_is_string(value);
}

static bool is_number(const json_t *value) {
    return json_is_number(value);
}

static bool is_positive(const json_t *value) {
    return json_is_number(value) && json_number_value(value) > 0;
}

static bool is_boolean(const json_t *value) {
    return json_is_boolean(value);
}

static bool is_array(const json_t *value) {
    return json_is_array(value);
}

static bool is_filled_array(const json_t *value) {
    return json_array_size(value) > 0;
}

static bool is_object(const json_t *value) {
    return json_is_object(value);
}

// Subschemas are walked later, so a place for one has no row.
static const struct {
    bool (*holds)(const json_t *value);
    const char *fault;
} forms[] = {
    [SHAPE_STRING] = {is_string, "This keyword needs a string"},
    [SHAPE_IDENTIFIER] = {schema_is_identifier,
                          "An identifier is a URI reference without a fragment"},
    [SHAPE_ANCHOR] = {schema_is_anchor,
                      "An anchor is a letter or _, then letters, digits, -, _ and ."},
    [SHAPE_NUMBER] = {is_number, "This keyword needs a number"},
    [SHAPE_POSITIVE] = {is_positive, "This keyword needs a number greater than 0"},
    [SHAPE_COUNT] = {is_count, "This keyword needs an integer that is 0 or more"},
    [SHAPE_BOOLEAN] = {is_boolean, "This keyword needs true or false"},
    [SHAPE_ARRAY] = {is_array, "This keyword needs an array"},
    [SHAPE_TYPES] = {is_types,
                     "A type is \"null\", \"boolean\", \"object\", \"array\", \"number\", "
                     "\"string\" or \"integer\", or an array of different ones"},
    [SHAPE_STRINGS] = {is_strings, "This keyword needs an array of different strings"},
    [SHAPE_STRINGS_BY_NAME] = {is_strings_by_name,
                               "This keyword needs an object of arrays of strings"},
    [SHAPE_PATTERN] = {is_string, "This keyword needs a string"},
    [SHAPE_OBJECT] = {is_object, "This keyword needs an object"},
    [SHAPE_SCHEMAS] = {is_filled_array, "This keyword needs an array of schemas"},
    [SHAPE_SCHEMAS_BY_NAME] = {is_object, "This keyword needs an object"},
    [SHAPE_SCHEMAS_BY_PATTERN] = {is_object, "This keyword needs an object"},
};

const char *schema_shape_fault(enum schema_shape shape, const json_t *value) {
    bool is_free = (size_t)shape >= COUNT_OF(forms) || !forms[shape].holds;
    return is_free || forms[shape].holds(value) ? NULL : forms[shape].fault;
}
