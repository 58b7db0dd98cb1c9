// SPDX-License-Identifier: MIT
// Reading a schema takes two passes. The first walks from the document into every place where the table of keywords says
// that a subschema stands: it checks forms, makes nodes, and notes addresses ("$id") and names ("$anchor"). The second
// finds what each reference means, among what the first has noted. A reference may point to a place that no keyword
// makes a schema; what stands there is then walked too, and its references join the end of the list.
#include "schema/json_schema/json_schema_node.h"

#include "schema/guess.h"
#include "schema/base/list.h"
#include "schema/json/json.h"
#include "schema/json_schema/uri_reference.h"

#include <stdint.h>
#include <string.h>

struct schema_reader {
    struct arena *arena;
    struct json_schema *schema;
    struct findings *findings;
    bool no_memory;
};

// Where the walk is.
struct schema_position {
    struct schema_resource *resource; // of the schema around it; NULL at the document
    const char *pointer;
};

static void walk(struct schema_reader *reader, const json_t *json,
                 const struct schema_position *position);

static size_t slot_of(const struct json_schema *schema, const json_t *json) {
    size_t hash = (size_t)((uintptr_t)json >> 4) * 0x9e3779b97f4a7c15U;
    size_t at = (hash >> 20) & (schema->slot_count - 1);
    while (schema->slots[at] && schema->slots[at]->json != json) {
        at = (at + 1) & (schema->slot_count - 1);
    }
    return at;
}

struct schema_node *schema_node_find(const struct json_schema *schema, const json_t *json) {
    return schema->slot_count ? schema->slots[slot_of(schema, json)] : NULL;
}

// At most half of the slots are taken.
static bool make_room(struct schema_reader *reader) {
    struct json_schema *schema = reader->schema;
    if (schema->node_count * 2 < schema->slot_count) {
        return true;
    }
    size_t count = schema->slot_count ? schema->slot_count * 2 : 64;
    struct schema_node **slots = arena_array(reader->arena, count, sizeof(struct schema_node *));
    if (!slots) {
        return false;
    }
    schema->slots = slots;
    schema->slot_count = count;
    for (struct schema_node *node = schema->first; node; node = node->next) {
        slots[slot_of(schema, node->json)] = node;
    }
    return true;
}

static struct schema_node *add_node(struct schema_reader *reader, const json_t *json) {
    struct json_schema *schema = reader->schema;
    struct schema_node *node = arena_alloc(reader->arena, sizeof *node);
    if (!node || !make_room(reader)) {
        reader->no_memory = true;
        return NULL;
    }
    node->json = json;
    schema->slots[slot_of(schema, json)] = node;
    schema->node_count++;
    if (schema->last) {
        schema->last->next = node;
    } else {
        schema->first = node;
    }
    schema->last = node;
    return node;
}

static void refuse(struct schema_reader *reader, const char *where, const char *what) {
    findings_add(reader->findings, SEVERITY_ERROR, "schema-keyword", where, NULL, "%s", what);
}

static const char *pointer_to(struct schema_reader *reader, const char *parent, const char *key) {
    const char *pointer = json_pointer(reader->arena, parent, key);
    reader->no_memory = reader->no_memory || pointer == parent;
    return pointer;
}

static void walk_named(struct schema_reader *reader, const json_t *schemas,
                       const struct schema_position *position) {
    const char *key;
    json_t *schema;
    json_object_foreach((json_t *)schemas, key, schema) {
        walk(reader, schema,
             &(struct schema_position){position->resource,
                                       pointer_to(reader, position->pointer, key)});
    }
}

static void walk_listed(struct schema_reader *reader, const json_t *schemas,
                        const struct schema_position *position) {
    json_t *schema;
    size_t i;
    json_array_foreach(schemas, i, schema) {
        walk(reader, schema,
             &(struct schema_position){position->resource,
                                       json_pointer_index(reader->arena, position->pointer, i)});
    }
}

// Reads one pattern; a mistake in it stands at its pointer.
static void read_pattern(struct schema_reader *reader, struct schema_use *use,
                         struct schema_pattern *pattern, const char *where) {
    struct regex *regex = NULL;
    struct error err = {0};
    enum status status = regex_read(reader->arena, text_from(pattern->source), &regex, &err);
    pattern->regex = regex;
    use->pattern_count += !status;
    reader->no_memory = reader->no_memory || status == STATUS_NO_MEMORY;
    if (status == STATUS_INVALID) {
        findings_add(reader->findings, SEVERITY_ERROR, "schema-pattern", where, NULL, "%s",
                     err.message);
    }
}

static void read_patterns(struct schema_reader *reader, struct schema_use *use,
                          const char *pointer) {
    bool is_one = json_is_string(use->value);
    size_t count = is_one ? 1 : json_object_size(use->value);
    struct schema_pattern *patterns = arena_array(reader->arena, count + 1, sizeof *patterns);
    const char *key;
    json_t *schema;
    use->patterns = patterns;
    if (!patterns) {
        reader->no_memory = true;
        return;
    }
    if (is_one) {
        patterns[0].source = json_string_value(use->value);
        read_pattern(reader, use, &patterns[0], pointer);
        return;
    }
    json_object_foreach((json_t *)use->value, key, schema) {
        struct schema_pattern *pattern = &patterns[use->pattern_count];
        *pattern = (struct schema_pattern){.source = key, .schema = schema};
        read_pattern(reader, use, pattern, pointer_to(reader, pointer, key));
    }
}

static void walk_use(struct schema_reader *reader, struct schema_use *use) {
    const char *pointer = pointer_to(reader, use->node->pointer, use->keyword->name);
    const struct schema_position inside = {use->node->resource, pointer};
    const char *fault = schema_shape_fault(use->keyword->shape, use->value);
    if (fault) {
        refuse(reader, pointer, fault);
        return;
    }
    switch (use->keyword->shape) {
    case SHAPE_SCHEMA:
        walk(reader, use->value, &inside);
        break;
    case SHAPE_SCHEMAS:
        walk_listed(reader, use->value, &inside);
        break;
    case SHAPE_SCHEMAS_BY_PATTERN:
        read_patterns(reader, use, pointer);
        walk_named(reader, use->value, &inside);
        break;
    case SHAPE_SCHEMAS_BY_NAME:
        walk_named(reader, use->value, &inside);
        break;
    case SHAPE_PATTERN:
        read_patterns(reader, use, pointer);
        break;
    default:
        break;
    }
}

static struct schema_resource *find_resource(const struct json_schema *schema, const char *uri) {
    struct schema_resource *resource = schema->resources;
    while (resource && strcmp(resource->uri, uri) != 0) {
        resource = resource->next;
    }
    return resource;
}

// The document itself, or a part with "$id", begins a resource.
static struct schema_resource *enter_resource(struct schema_reader *reader, const json_t *json,
                                              const struct schema_position *position) {
    const json_t *id = json_object_get(json, "$id");
    if (position->resource && !schema_is_identifier(id)) {
        return position->resource;
    }
    struct schema_resource *resource = arena_alloc(reader->arena, sizeof *resource);
    const char *base = position->resource ? position->resource->uri : "";
    const char *uri = uri_reference_resolve(
        reader->arena, base, text_from(schema_is_identifier(id) ? json_string_value(id) : ""));
    if (!resource || !uri) {
        reader->no_memory = true;
        return position->resource;
    }
    if (position->resource && strcmp(uri, base) == 0) {
        return position->resource; // "#" names what it stands in
    }
    if (find_resource(reader->schema, uri)) {
        refuse(reader, pointer_to(reader, position->pointer, "$id"),
               "Two schemas have this identifier");
    }
    *resource = (struct schema_resource){uri, json, NULL, reader->schema->resources};
    reader->schema->resources = resource;
    return resource;
}

static void add_anchor(struct schema_reader *reader, struct schema_node *node,
                       const char *keyword) {
    const json_t *name = json_object_get(node->json, keyword);
    if (!schema_is_anchor(name)) {
        return;
    }
    struct schema_anchor *anchor = arena_alloc(reader->arena, sizeof *anchor);
    if (!anchor) {
        reader->no_memory = true;
        return;
    }
    *anchor =
        (struct schema_anchor){json_string_value(name), node->json,
                               strcmp(keyword, "$dynamicAnchor") == 0, node->resource->anchors};
    node->resource->anchors = anchor;
}

// The keywords of the node, in the order of the table.
static void collect_uses(struct schema_reader *reader, struct schema_node *node) {
    size_t room = json_object_size(node->json) + 1;
    node->uses = arena_array(reader->arena, room, sizeof *node->uses);
    if (!node->uses) {
        reader->no_memory = true;
        return;
    }
    for (size_t i = 0; schema_keyword_at(i); i++) {
        const struct schema_keyword *keyword = schema_keyword_at(i);
        const json_t *value = json_object_get(node->json, keyword->name);
        if (!value) {
            continue;
        }
        struct schema_use *use = &node->uses[node->use_count++];
        *use = (struct schema_use){.keyword = keyword, .node = node, .value = value};
        node->pattern_properties =
            keyword->shape == SHAPE_SCHEMAS_BY_PATTERN ? use : node->pattern_properties;
        node->is_marking = node->is_marking || strncmp(keyword->name, "unevaluated", 11) == 0;
    }
}

// A key that is no keyword decides nothing, as the specification says. One that is nearly a keyword is a slip of the pen.
static void warn_of_slips(struct schema_reader *reader, const struct schema_node *node) {
    enum { LONGEST = 40 };
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)node->json, key, value) {
        struct guess guess = guess_begin(key, GUESS_TOO_FAR);
        bool is_known = strlen(key) > LONGEST;
        for (size_t i = 0; schema_keyword_at(i) && !is_known; i++) {
            is_known = strcmp(key, schema_keyword_at(i)->name) == 0;
            guess_offer(&guess, schema_keyword_at(i)->name);
        }
        if (!is_known && guess.nearest) {
            const char *where = pointer_to(reader, node->pointer, key);
            findings_add(reader->findings, SEVERITY_WARNING, "schema-unknown-keyword", where, NULL,
                         "\"%s\" is no keyword; did you mean \"%s\"?", key, guess.nearest);
        }
    }
}

// Depth is bounded by the parser of the document.
static void walk(struct schema_reader *reader, const json_t *json,
                 const struct schema_position *position) {
    if (json_is_boolean(json) || reader->no_memory) {
        return;
    }
    if (!json_is_object(json)) {
        refuse(reader, position->pointer, "A schema is an object, or true or false");
        return;
    }
    if (schema_node_find(reader->schema, json)) {
        return;
    }
    struct schema_node *node = add_node(reader, json);
    struct schema_resource *resource = node ? enter_resource(reader, json, position) : NULL;
    if (!resource) {
        return;
    }
    node->resource = resource;
    node->pointer = position->pointer;
    add_anchor(reader, node, "$anchor");
    add_anchor(reader, node, "$dynamicAnchor");
    collect_uses(reader, node);
    warn_of_slips(reader, node);
    for (size_t i = 0; i < node->use_count && !reader->no_memory; i++) {
        walk_use(reader, &node->uses[i]);
    }
}

// One segment of a JSON pointer, unescaped; false behind the last.
static bool next_segment(struct schema_reader *reader, const char **rest,
                         const char **ret_segment) {
    if (**rest != '/') {
        return false;
    }
    size_t len = strcspn(*rest + 1, "/");
    const char *segment = json_pointer_key(reader->arena, (struct text){*rest + 1, len});
    *rest += len + 1;
    reader->no_memory |= !segment;
    *ret_segment = segment;
    return segment;
}

static const json_t *array_member(const json_t *array, const char *index) {
    size_t at = 0;
    if (!*index || strlen(index) > 9 || (index[0] == '0' && index[1])) {
        return NULL;
    }
    for (; *index; index++) {
        if (!is_digit(*index)) {
            return NULL;
        }
        at = at * 10 + (size_t)(*index - '0');
    }
    return json_array_get(array, at);
}

// What a JSON pointer in a resource means. What stands there is walked when no keyword has made it a schema.
static const json_t *follow_pointer(struct schema_reader *reader, struct schema_resource *resource,
                                    const char *pointer) {
    const json_t *json = resource->root;
    const struct schema_node *root = schema_node_find(reader->schema, json);
    const char *place = root ? root->pointer : "";
    const char *segment = NULL;
    while (json && next_segment(reader, &pointer, &segment)) {
        json = json_is_array(json) ? array_member(json, segment) : json_object_get(json, segment);
        place = pointer_to(reader, place, segment);
        const struct schema_node *node = json ? schema_node_find(reader->schema, json) : NULL;
        resource = node ? node->resource : resource;
    }
    if (json && !*pointer) {
        walk(reader, json, &(struct schema_position){resource, place});
        return json;
    }
    return NULL;
}

static const struct schema_anchor *find_anchor(const struct schema_resource *resource,
                                               const char *name) {
    const struct schema_anchor *anchor = resource->anchors;
    while (anchor && strcmp(anchor->name, name) != 0) {
        anchor = anchor->next;
    }
    return anchor;
}

static void refuse_reference(struct schema_reader *reader, const struct schema_use *use,
                             bool is_elsewhere) {
    const char *where = pointer_to(reader, use->node->pointer, use->keyword->name);
    findings_add(reader->findings, SEVERITY_ERROR, "schema-reference", where,
                 is_elsewhere ? "Put the schema under \"$defs\" and refer to \"#/$defs/NAME\""
                              : NULL,
                 is_elsewhere ? "\"%s\" is another document, and schemas are not fetched"
                              : "\"%s\" is not in this document",
                 json_string_value(use->value));
}

// A reference is an address, which must be one of this document, and a fragment, which is a pointer or a name.
static void resolve_use(struct schema_reader *reader, struct schema_use *use) {
    const char *text = json_string_value(use->value);
    const char *uri =
        uri_reference_resolve(reader->arena, use->node->resource->uri, text_from(text));
    const char *fragment = uri_reference_fragment(reader->arena, text);
    if (!uri || !fragment) {
        reader->no_memory = true;
        return;
    }
    struct schema_resource *resource = find_resource(reader->schema, uri);
    use->is_dialect = !resource && strcmp(uri, JSON_SCHEMA_DIALECT) == 0;
    if (use->is_dialect || !resource) {
        use->is_dialect = use->is_dialect && !*fragment;
        if (!use->is_dialect) {
            refuse_reference(reader, use, true);
        }
        return;
    }
    if (!*fragment || *fragment == '/') {
        use->target = follow_pointer(reader, resource, fragment);
    } else {
        const struct schema_anchor *anchor = find_anchor(resource, fragment);
        bool is_dynamic = strcmp(use->keyword->name, "$dynamicRef") == 0;
        use->target = anchor ? anchor->schema : NULL;
        use->dynamic_name = anchor && anchor->is_dynamic && is_dynamic ? fragment : NULL;
    }
    if (!use->target && !reader->no_memory) {
        refuse_reference(reader, use, false);
    }
}

// Walking what a reference means may add nodes behind the last.
static void resolve_all(struct schema_reader *reader) {
    for (struct schema_node *node = reader->schema->first; node && !reader->no_memory;
         node = node->next) {
        for (size_t i = 0; i < node->use_count; i++) {
            struct schema_use *use = &node->uses[i];
            bool is_reference = use->keyword->evaluate == schema_ref ||
                                use->keyword->evaluate == schema_dynamic_ref;
            if (is_reference && json_is_string(use->value)) {
                resolve_use(reader, use);
            }
        }
    }
}

// A schema that says which draft it is written for must say this one.
static void check_dialect(struct schema_reader *reader) {
    const char *dialect = json_string_value(json_object_get(reader->schema->document, "$schema"));
    size_t len = strlen(JSON_SCHEMA_DIALECT);
    if (dialect && (strncmp(dialect, JSON_SCHEMA_DIALECT, len) != 0 ||
                    (dialect[len] && strcmp(dialect + len, "#") != 0))) {
        findings_add(reader->findings, SEVERITY_ERROR, "schema-dialect", "/$schema",
                     "Write the schema for draft 2020-12: \"" JSON_SCHEMA_DIALECT "\"",
                     "\"%s\" is not supported", dialect);
    }
}

static bool read_form(struct schema_reader *reader, const json_t *document) {
    reader->schema->document = document;
    walk(reader, document, &(struct schema_position){NULL, ""});
    return !reader->no_memory;
}

bool schema_has_form(struct arena *arena, const json_t *value) {
    struct findings findings;
    struct json_schema schema = {0};
    struct schema_reader reader = {arena, &schema, &findings, false};
    findings_init(&findings, arena);
    return read_form(&reader, value) && !findings.error_count && !findings.no_memory;
}

enum status json_schema_read(struct arena *arena, const json_t *document, struct findings *findings,
                             struct json_schema **ret_schema, struct error *err) {
    struct json_schema *schema = arena_alloc(arena, sizeof *schema);
    struct schema_reader reader = {arena, schema, findings, false};
    size_t errors_before = findings->error_count;
    if (!schema) {
        return fail_no_memory(err);
    }
    if (read_form(&reader, document)) {
        check_dialect(&reader);
        resolve_all(&reader);
    }
    if (reader.no_memory) {
        return fail_no_memory(err);
    }
    enum status status = findings_fail(findings, errors_before, err);
    if (status) {
        return status;
    }
    *ret_schema = schema;
    return STATUS_OK;
}
