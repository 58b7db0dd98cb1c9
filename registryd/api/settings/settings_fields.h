// SPDX-License-Identifier: MIT
// The fields of a form that a JSON Schema of settings makes, and the change that a sent form asks for. Nothing is written
// here and nothing stored.
#pragma once

#include "registryd/api/settings/settings_view.h"

// What a person fills in.
enum setting_kind {
    SETTING_KIND_TEXT,
    SETTING_KIND_NUMBER,
    SETTING_KIND_FLAG,   // yes, no, or the default
    SETTING_KIND_CHOICE, // one of the values of "enum"
    SETTING_KIND_LIST,   // of texts or numbers: several inputs of one name
    SETTING_KIND_SECRET, // never shown; an empty one stays as it is
    SETTING_KIND_JSON,   // everything else, as JSON text
};

struct setting_field {
    const char *pointer; // into the settings, and the name of the input
    const char *label;   // the title of the schema, or the key
    const char *help;    // its description; NULL = none
    enum setting_kind kind;
    const json_t *schema; // borrowed from the fields
    bool is_required;
};

enum { SETTING_FIELDS_MAX = 200 };

struct setting_fields {
    struct setting_field *items; // arena; in the order of the schemas
    size_t count;
    json_t *documents; // the schemas; owned: setting_fields_done
};

// Members of objects become fields of their own, a few levels deep. Fails with: NO_MEMORY.
enum status setting_fields_make(struct arena *arena, const struct settings_view *view,
                                struct setting_fields *ret_fields, struct error *err);
void setting_fields_done(struct setting_fields *fields);

// A value as its input shows it; "" for NULL. Arena; NULL when out of memory.
const char *setting_field_text(struct arena *arena, const struct setting_field *field,
                               const json_t *value);

// What a form sent, in its order; an empty value counts as absent.
struct setting_inputs {
    const struct parameter *items;
    size_t count;
};

// NULL = absent. Borrowed.
const char *setting_inputs_find(const struct setting_inputs *inputs, const char *name);

// The merge patch of a plugin's part of the document that a sent form asks for: {"settings": {…}}. An empty input removes
// its setting. What cannot be read as the kind of its field goes on as text, and the schema refuses it. Owned; NULL when out
// of memory.
json_t *setting_fields_read(struct arena *arena, const struct setting_fields *fields,
                            const struct settings_view *view, const struct setting_inputs *inputs);
