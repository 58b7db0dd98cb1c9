// SPDX-License-Identifier: MIT
// Every keyword of draft 2020-12 in the order in which a schema's keywords are evaluated: those that judge members and
// items stand before those that judge the rest. A new keyword is a row here and a function beside its kind.
#include "schema/json_schema/json_schema_node.h"

#include "schema/base/list.h"

enum {
    NONE = 0,
    STRINGS = SPEAKS_OF_STRINGS,
    NUMBERS = SPEAKS_OF_NUMBERS,
    ARRAYS = SPEAKS_OF_ARRAYS,
    OBJECTS = SPEAKS_OF_OBJECTS,
    ALL = SPEAKS_OF_ALL,
};

// clang-format off
static const struct schema_keyword keywords[] = {
    // core: section 8 of the core document
    {"$schema",               SHAPE_STRING,             NONE,    NULL},
    {"$vocabulary",           SHAPE_OBJECT,             NONE,    NULL},
    {"$id",                   SHAPE_IDENTIFIER,         NONE,    NULL},
    {"$anchor",               SHAPE_ANCHOR,             NONE,    NULL},
    {"$dynamicAnchor",        SHAPE_ANCHOR,             NONE,    NULL},
    {"$comment",              SHAPE_STRING,             NONE,    NULL},
    {"$defs",                 SHAPE_SCHEMAS_BY_NAME,    NONE,    NULL},
    {"definitions",           SHAPE_SCHEMAS_BY_NAME,    NONE,    NULL}, // its name until draft 7
    {"$ref",                  SHAPE_STRING,             ALL,     schema_ref},
    {"$dynamicRef",           SHAPE_STRING,             ALL,     schema_dynamic_ref},

    // validation: section 6 of the validation document
    {"type",                  SHAPE_TYPES,              ALL,     schema_type},
    {"enum",                  SHAPE_ARRAY,              ALL,     schema_enum},
    {"const",                 SHAPE_ANY,                ALL,     schema_const},
    {"multipleOf",            SHAPE_POSITIVE,           NUMBERS, schema_multiple_of},
    {"maximum",               SHAPE_NUMBER,             NUMBERS, schema_maximum},
    {"exclusiveMaximum",      SHAPE_NUMBER,             NUMBERS, schema_exclusive_maximum},
    {"minimum",               SHAPE_NUMBER,             NUMBERS, schema_minimum},
    {"exclusiveMinimum",      SHAPE_NUMBER,             NUMBERS, schema_exclusive_minimum},
    {"maxLength",             SHAPE_COUNT,              STRINGS, schema_max_length},
    {"minLength",             SHAPE_COUNT,              STRINGS, schema_min_length},
    {"pattern",               SHAPE_PATTERN,            STRINGS, schema_matches_pattern},
    {"maxItems",              SHAPE_COUNT,              ARRAYS,  schema_max_items},
    {"minItems",              SHAPE_COUNT,              ARRAYS,  schema_min_items},
    {"uniqueItems",           SHAPE_BOOLEAN,            ARRAYS,  schema_unique_items},
    {"maxContains",           SHAPE_COUNT,              NONE,    NULL}, // read by contains
    {"minContains",           SHAPE_COUNT,              NONE,    NULL},
    {"maxProperties",         SHAPE_COUNT,              OBJECTS, schema_max_properties},
    {"minProperties",         SHAPE_COUNT,              OBJECTS, schema_min_properties},
    {"required",              SHAPE_STRINGS,            OBJECTS, schema_required},
    {"dependentRequired",     SHAPE_STRINGS_BY_NAME,    OBJECTS, schema_dependent_required},

    // applicators: section 10 of the core document
    {"allOf",                 SHAPE_SCHEMAS,            ALL,     schema_all_of},
    {"anyOf",                 SHAPE_SCHEMAS,            ALL,     schema_any_of},
    {"oneOf",                 SHAPE_SCHEMAS,            ALL,     schema_one_of},
    {"not",                   SHAPE_SCHEMA,             ALL,     schema_not},
    {"if",                    SHAPE_SCHEMA,             ALL,     schema_if},
    {"then",                  SHAPE_SCHEMA,             NONE,    NULL}, // read by if
    {"else",                  SHAPE_SCHEMA,             NONE,    NULL},
    {"dependentSchemas",      SHAPE_SCHEMAS_BY_NAME,    OBJECTS, schema_dependent_schemas},
    {"prefixItems",           SHAPE_SCHEMAS,            ARRAYS,  schema_prefix_items},
    {"items",                 SHAPE_SCHEMA,             ARRAYS,  schema_items},
    {"contains",              SHAPE_SCHEMA,             ARRAYS,  schema_contains},
    {"properties",            SHAPE_SCHEMAS_BY_NAME,    OBJECTS, schema_properties},
    {"patternProperties",     SHAPE_SCHEMAS_BY_PATTERN, OBJECTS, schema_pattern_properties},
    {"additionalProperties",  SHAPE_SCHEMA,             OBJECTS, schema_additional_properties},
    {"propertyNames",         SHAPE_SCHEMA,             OBJECTS, schema_property_names},

    // section 11: behind all others
    {"unevaluatedItems",      SHAPE_SCHEMA,             ARRAYS,  schema_unevaluated_items},
    {"unevaluatedProperties", SHAPE_SCHEMA,             OBJECTS, schema_unevaluated_properties},

    // notes for people and programs: sections 7 to 9 of the validation document
    {"title",                 SHAPE_STRING,             NONE,    NULL},
    {"description",           SHAPE_STRING,             NONE,    NULL},
    {"default",               SHAPE_ANY,                NONE,    NULL},
    {"deprecated",            SHAPE_BOOLEAN,            NONE,    NULL},
    {"readOnly",              SHAPE_BOOLEAN,            NONE,    NULL},
    {"writeOnly",             SHAPE_BOOLEAN,            NONE,    NULL},
    {"examples",              SHAPE_ARRAY,              NONE,    NULL},
    {"format",                SHAPE_STRING,             NONE,    NULL},
    {"contentEncoding",       SHAPE_STRING,             NONE,    NULL},
    {"contentMediaType",      SHAPE_STRING,             NONE,    NULL},
    {"contentSchema",         SHAPE_SCHEMA,             NONE,    NULL},
};
// clang-format on

const struct schema_keyword *schema_keyword_at(size_t index) {
    return index < COUNT_OF(keywords) ? &keywords[index] : NULL;
}
