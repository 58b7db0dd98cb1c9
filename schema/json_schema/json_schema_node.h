// SPDX-License-Identifier: MIT
// How a schema is kept after reading, and the table of keywords. For the files json_schema_*.c only.
//
// A node is a schema that is an object. Nodes are found by the address of their JSON object, so subschemas need no
// pointers of their own: `properties` looks a name up in its JSON object and asks for the node of what it finds.
// The schemas `true` and `false` have no node.
#pragma once

#include "schema/json_schema/json_schema.h"
#include "schema/json_schema/regex.h"

struct schema_node;
struct schema_check;
struct schema_spot;
struct schema_marks;
struct schema_keyword;

// A name that "$anchor" or "$dynamicAnchor" gives to a schema.
struct schema_anchor {
    const char *name;
    const json_t *schema;
    bool is_dynamic;
    struct schema_anchor *next;
};

// A schema with an address of its own: the document, or a part of it with "$id".
struct schema_resource {
    const char *uri; // without a fragment; "" for a document without "$id"
    const json_t *root;
    struct schema_anchor *anchors;
    struct schema_resource *next;
};

struct schema_pattern {
    const char *source; // borrowed from the document
    const struct regex *regex;
    const json_t *schema; // patternProperties; NULL for pattern
};

// A keyword in a schema.
struct schema_use {
    const struct schema_keyword *keyword;
    const struct schema_node *node;
    const json_t *value;
    const struct schema_pattern *patterns; // pattern, patternProperties
    size_t pattern_count;
    const json_t *target;     // $ref, $dynamicRef: the schema that is meant; NULL with is_dialect
    const char *dynamic_name; // $dynamicRef that looks for this name in the schemas on the way
    bool is_dialect;          // the description of schemas itself is meant
};

struct schema_node {
    const json_t *json; // an object
    const char *pointer;
    struct schema_resource *resource;
    struct schema_use *uses; // in the order of the table
    size_t use_count;
    const struct schema_use *pattern_properties; // or NULL
    bool is_marking;                             // has unevaluatedItems or unevaluatedProperties
    struct schema_node *next;                    // in the order of reading
};

struct json_schema {
    const json_t *document;
    struct schema_node **slots; // hash table by address of the JSON object
    size_t slot_count;          // a power of two
    size_t node_count;
    struct schema_node *first;
    struct schema_node *last;
    struct schema_resource *resources;
};

// What a keyword's value must look like, and where it has subschemas.
enum schema_shape {
    SHAPE_ANY,
    SHAPE_STRING,
    SHAPE_IDENTIFIER, // a URI reference without a fragment
    SHAPE_ANCHOR,
    SHAPE_NUMBER,
    SHAPE_POSITIVE,
    SHAPE_COUNT, // an integer, 0 or more
    SHAPE_BOOLEAN,
    SHAPE_ARRAY,
    SHAPE_TYPES,
    SHAPE_STRINGS, // all different
    SHAPE_STRINGS_BY_NAME,
    SHAPE_PATTERN,
    SHAPE_OBJECT,
    SHAPE_SCHEMA,
    SHAPE_SCHEMAS, // at least one
    SHAPE_SCHEMAS_BY_NAME,
    SHAPE_SCHEMAS_BY_PATTERN,
};

// Values that a keyword speaks of; it accepts all others.
enum {
    SPEAKS_OF_STRINGS = 1,
    SPEAKS_OF_NUMBERS = 2,
    SPEAKS_OF_ARRAYS = 4,
    SPEAKS_OF_OBJECTS = 8,
    SPEAKS_OF_ALL = 16,
};

// Whether the value at the spot satisfies the keyword; false after the mistake was reported. Sets the marks of the items and
// members that it has judged, when `marks` is not NULL.
typedef bool schema_evaluate(struct schema_check *check, const struct schema_use *use,
                             const struct schema_spot *spot, struct schema_marks *marks);

struct schema_keyword {
    const char *name;
    enum schema_shape shape;
    int speaks_of;
    schema_evaluate *evaluate; // NULL: decides nothing by itself
};

// The keyword at this place of the table, which is in the order of evaluation; NULL behind the last.
const struct schema_keyword *schema_keyword_at(size_t index);

// What is wrong with a keyword's value; NULL when its own form is right, whatever its subschemas are. Static.
const char *schema_shape_fault(enum schema_shape shape, const json_t *value);
bool schema_is_identifier(const json_t *value); // SHAPE_IDENTIFIER
bool schema_is_anchor(const json_t *value);     // SHAPE_ANCHOR

// The node of a schema that is an object; NULL when it was not read.
struct schema_node *schema_node_find(const struct json_schema *schema, const json_t *json);

// Whether the value is a schema by its form alone: what the description of schemas says. False also without memory.
bool schema_has_form(struct arena *arena, const json_t *value);

// The evaluation of each keyword.
schema_evaluate schema_ref;
schema_evaluate schema_dynamic_ref;
schema_evaluate schema_type;
schema_evaluate schema_enum;
schema_evaluate schema_const;
schema_evaluate schema_multiple_of;
schema_evaluate schema_maximum;
schema_evaluate schema_exclusive_maximum;
schema_evaluate schema_minimum;
schema_evaluate schema_exclusive_minimum;
schema_evaluate schema_max_length;
schema_evaluate schema_min_length;
schema_evaluate schema_matches_pattern;
schema_evaluate schema_max_items;
schema_evaluate schema_min_items;
schema_evaluate schema_unique_items;
schema_evaluate schema_max_properties;
schema_evaluate schema_min_properties;
schema_evaluate schema_required;
schema_evaluate schema_dependent_required;
schema_evaluate schema_all_of;
schema_evaluate schema_any_of;
schema_evaluate schema_one_of;
schema_evaluate schema_not;
schema_evaluate schema_if;
schema_evaluate schema_dependent_schemas;
schema_evaluate schema_prefix_items;
schema_evaluate schema_items;
schema_evaluate schema_contains;
schema_evaluate schema_properties;
schema_evaluate schema_pattern_properties;
schema_evaluate schema_additional_properties;
schema_evaluate schema_property_names;
schema_evaluate schema_unevaluated_items;
schema_evaluate schema_unevaluated_properties;
