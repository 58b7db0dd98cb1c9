// SPDX-License-Identifier: MIT
// A schema says much that no form can show; what no input fits is a field of JSON, so every setting of the schema can be
// changed here. The rules stay with the schema: the form only offers what fits, and the use case judges what comes.
#include "registryd/api/settings/settings_fields.h"

#include "schema/base/list.h"
#include "schema/environment/environment_secrets.h"
#include "schema/json/json.h"
#include "schema/json_schema/json_schema_refer.h"

#include <string.h>

enum { NESTING_MAX = 4, COLLECT_STEPS = 5000, VALUE_BYTES = 64 * 1024 };

struct field_collector {
    struct arena *arena;
    const json_t *root; // of the schema at work
    struct setting_fields *fields;
    size_t steps; // that are left
};

static void collect(struct field_collector *work, const json_t *schema, const char *where,
                    int depth);

// The type that an input is chosen by: "null" beside another one says only that it may be left out.
static const char *type_of(const json_t *schema) {
    const json_t *type = json_object_get(schema, "type");
    for (size_t i = 0; i < json_array_size(type); i++) {
        const char *one = json_string_value(json_array_get(type, i));
        if (one && strcmp(one, "null") != 0) {
            return one;
        }
    }
    return json_is_string(type) ? json_string_value(type) : "";
}

static bool is_type(const json_t *schema, const char *name) {
    return strcmp(type_of(schema), name) == 0;
}

static bool is_number(const json_t *schema) {
    return is_type(schema, "integer") || is_type(schema, "number");
}

static enum setting_kind kind_of(const json_t *schema) {
    const json_t *items = json_object_get(schema, "items");
    if (json_is_true(json_object_get(schema, "writeOnly"))) {
        return SETTING_KIND_SECRET;
    }
    if (json_array_size(json_object_get(schema, "enum"))) {
        return SETTING_KIND_CHOICE;
    }
    if (is_type(schema, "boolean")) {
        return SETTING_KIND_FLAG;
    }
    if (is_number(schema)) {
        return SETTING_KIND_NUMBER;
    }
    bool is_plain_list = is_type(schema, "array") && (is_type(items, "string") || is_number(items));
    return is_plain_list               ? SETTING_KIND_LIST
           : is_type(schema, "string") ? SETTING_KIND_TEXT
                                       : SETTING_KIND_JSON;
}

// The schema behind references, a few steps.
static const json_t *resolve(const struct field_collector *work, const json_t *schema) {
    for (int i = 0; i < NESTING_MAX && !json_object_get(schema, "type"); i++) {
        const char *reference = json_string_value(json_object_get(schema, "$ref"));
        const json_t *target = json_schema_refer(work->root, reference);
        if (!target) {
            break;
        }
        schema = target;
    }
    return schema;
}

static bool is_known(const struct setting_fields *fields, const char *pointer) {
    for (size_t i = 0; i < fields->count; i++) {
        if (strcmp(fields->items[i].pointer, pointer) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_listed(const json_t *names, const char *name) {
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *one = json_string_value(json_array_get(names, i));
        if (one && strcmp(one, name) == 0) {
            return true;
        }
    }
    return false;
}

static void add_field(struct field_collector *work, const json_t *schema,
                      const struct setting_field *field) {
    struct setting_fields *fields = work->fields;
    if (is_known(fields, field->pointer) || fields->count == SETTING_FIELDS_MAX) {
        return;
    }
    const char *title = json_string_value(json_object_get(schema, "title"));
    fields->items[fields->count] = *field;
    fields->items[fields->count].label = title ? title : field->pointer + 1;
    fields->items[fields->count].help = json_string_value(json_object_get(schema, "description"));
    fields->items[fields->count].kind = kind_of(schema);
    fields->items[fields->count++].schema = schema;
}

static void collect_properties(struct field_collector *work, const json_t *schema,
                               const char *where, int depth) {
    const char *key;
    json_t *member;
    json_object_foreach(json_object_get(schema, "properties"), key, member) {
        const json_t *of_member = resolve(work, member);
        const struct setting_field field = {
            .pointer = json_pointer(work->arena, where, key),
            .is_required = is_listed(json_object_get(schema, "required"), key)};
        bool is_open = depth < NESTING_MAX && kind_of(of_member) == SETTING_KIND_JSON &&
                       json_object_size(json_object_get(of_member, "properties"));
        if (is_open) {
            collect(work, of_member, field.pointer, depth + 1);
        } else {
            add_field(work, of_member, &field);
        }
    }
}

static void collect(struct field_collector *work, const json_t *schema, const char *where,
                    int depth) {
    const json_t *all = json_object_get(schema, "allOf");
    const char *reference = json_string_value(json_object_get(schema, "$ref"));
    if (!json_is_object(schema) || depth > NESTING_MAX || !work->steps) {
        return;
    }
    work->steps--;
    collect_properties(work, schema, where, depth);
    collect(work, json_schema_refer(work->root, reference), where, depth + 1);
    for (size_t i = 0; i < json_array_size(all); i++) {
        collect(work, json_array_get(all, i), where, depth + 1);
    }
}

enum status setting_fields_make(struct arena *arena, const struct settings_view *view,
                                struct setting_fields *ret_fields, struct error *err) {
    *ret_fields = (struct setting_fields){
        arena_array(arena, SETTING_FIELDS_MAX, sizeof *ret_fields->items), 0, json_array()};
    for (size_t i = 0; ret_fields->items && i < view->schemas.count; i++) {
        json_t *document = json_loads(view->schemas.items[i].text, JSON_DECODE_ANY, NULL);
        struct field_collector work = {arena, document, ret_fields, COLLECT_STEPS};
        if (json_array_append_new(ret_fields->documents, document)) {
            return fail_no_memory(err);
        }
        collect(&work, document, "", 0);
    }
    return ret_fields->items && ret_fields->documents ? STATUS_OK : fail_no_memory(err);
}

void setting_fields_done(struct setting_fields *fields) {
    json_decref(fields->documents);
}

// ---- values ----

// Whether the input holds the text itself and not its JSON.
static bool is_bare(const struct setting_field *field, const json_t *value) {
    return json_is_string(value) && field->kind != SETTING_KIND_JSON;
}

const char *setting_field_text(struct arena *arena, const struct setting_field *field,
                               const json_t *value) {
    if (!value || field->kind == SETTING_KIND_SECRET) {
        return "";
    }
    return is_bare(field, value) ? arena_strdup(arena, json_string_value(value))
                                 : json_encode_canonical(arena, value);
}

const char *setting_inputs_find(const struct setting_inputs *inputs, const char *name) {
    for (size_t i = 0; i < inputs->count; i++) {
        if (strcmp(inputs->items[i].name, name) == 0 && inputs->items[i].value[0]) {
            return inputs->items[i].value;
        }
    }
    return NULL;
}

// The text as JSON, or as a text where it is none.
static json_t *parse(const char *text) {
    json_t *value = NULL;
    return json_parse(text_from(text), VALUE_BYTES, &value, NULL) ? json_string(text) : value;
}

// The value of "enum" that is shown as this text.
static json_t *read_choice(struct arena *arena, const struct setting_field *field,
                           const char *text) {
    const json_t *choices = json_object_get(field->schema, "enum");
    for (size_t i = 0; i < json_array_size(choices); i++) {
        json_t *choice = json_array_get(choices, i);
        const char *shown = setting_field_text(arena, field, choice);
        if (shown && strcmp(shown, text) == 0) {
            return json_incref(choice);
        }
    }
    return json_string(text);
}

static json_t *read_item(const struct setting_field *field, const char *text) {
    const json_t *of_item =
        field->kind == SETTING_KIND_LIST ? json_object_get(field->schema, "items") : field->schema;
    return is_number(of_item) ? parse(text) : json_string(text);
}

static json_t *read_list(const struct setting_field *field, const struct setting_inputs *inputs) {
    scoped(cleanup_json) json_t *list = json_array();
    for (size_t i = 0; list && i < inputs->count; i++) {
        bool is_item =
            strcmp(inputs->items[i].name, field->pointer) == 0 && *inputs->items[i].value;
        if (is_item && json_array_append_new(list, read_item(field, inputs->items[i].value))) {
            return NULL;
        }
    }
    return json_array_size(list) ? take(list) : json_null();
}

// A merge patch adds to an object, so what was left out of the text is taken out by null.
static json_t *replace_object(json_t *value, const json_t *before) {
    const char *key;
    json_t *old;
    json_object_foreach((json_t *)before, key, old) {
        bool is_gone = json_is_object(value) && !json_object_get(value, key);
        if (is_gone && json_object_set_new(value, key, json_null())) {
            json_decref(value);
            return NULL;
        }
    }
    return value;
}

static json_t *read_value(struct arena *arena, const struct setting_field *field,
                          const struct settings_view *view, const char *text) {
    switch (field->kind) {
    case SETTING_KIND_CHOICE:
        return read_choice(arena, field, text);
    case SETTING_KIND_FLAG:
        return parse(text);
    case SETTING_KIND_JSON:
        return replace_object(parse(text), environment_pointer_get(view->own, field->pointer));
    case SETTING_KIND_TEXT:
    case SETTING_KIND_NUMBER:
    case SETTING_KIND_LIST:
    case SETTING_KIND_SECRET:
        break;
    }
    return read_item(field, text);
}

// An empty secret stays; a box beside it removes it. *ret_stays says that nothing is asked.
static json_t *read_secret(struct arena *arena, const struct setting_field *field,
                           const struct setting_inputs *inputs, bool *ret_stays) {
    const char *removing = arena_printf(arena, "remove:%s", field->pointer);
    const char *text = setting_inputs_find(inputs, field->pointer);
    bool is_removed = removing && setting_inputs_find(inputs, removing);
    *ret_stays = !text && !is_removed;
    return is_removed ? json_null() : text ? read_item(field, text) : NULL;
}

json_t *setting_fields_read(struct arena *arena, const struct setting_fields *fields,
                            const struct settings_view *view, const struct setting_inputs *inputs) {
    scoped(cleanup_json) json_t *patch = json_object();
    for (size_t i = 0; patch && i < fields->count; i++) {
        const struct setting_field *field = &fields->items[i];
        const char *text = setting_inputs_find(inputs, field->pointer);
        bool stays = false;
        json_t *value = field->kind == SETTING_KIND_SECRET
                            ? read_secret(arena, field, inputs, &stays)
                        : field->kind == SETTING_KIND_LIST ? read_list(field, inputs)
                        : text                             ? read_value(arena, field, view, text)
                                                           : json_null();
        // A null for what is not set would only make the objects around it.
        bool is_idle = json_is_null(value) && field->kind != SETTING_KIND_SECRET &&
                       !environment_pointer_get(view->own, field->pointer);
        if (stays || is_idle) {
            json_decref(value);
        } else if (!environment_pointer_put(patch, field->pointer, value)) {
            return NULL;
        }
    }
    return patch ? json_pack("{s:O}", "settings", patch) : NULL;
}
