// SPDX-License-Identifier: MIT
// A pin or settings mean the same for a package and for one of its entry points. Each value has one normal
// form, because documents are compared as text: a change without effect must make no new revision.
#include "schema/environment/environment_values.h"

#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/packaging/version/specifier.h"

#include <string.h>

const char *environment_read_pin(struct object_reader *reader, const char *where,
                                 const json_t *value) {
    const char *text = object_text(reader, where, value, LIMIT_SPECIFIER_BYTES, true);
    const struct specifier_set *set;
    struct error err;
    if (!text) {
        return NULL;
    }
    if (specifier_set_parse(reader->arena, text_from(text), &set, &err)) {
        object_add_cause(reader, "pin-invalid", where, &err);
        return NULL;
    }
    // The normal form, so that "== 1.0" and "==1.0" make no new revision. An empty pin is none.
    const char *pin = specifier_set_string(set);
    return *pin ? pin : NULL;
}

// Free-form, so depth and size are bounded here; they travel in every answer for the environment.
const char *environment_read_settings(struct object_reader *reader, const char *where,
                                      const json_t *value) {
    if (!object_is(reader, where, value, JSON_OBJECT, 0) || !json_object_size(value)) {
        return NULL;
    }
    if (json_depth(value) > LIMIT_SETTINGS_DEPTH) {
        object_add_error(reader, "settings-too-deep", where,
                         "The settings are nested more than %d levels deep", LIMIT_SETTINGS_DEPTH);
        return NULL;
    }
    const char *text = json_encode_canonical(reader->arena, value);
    reader->findings->no_memory |= !text;
    if (text && strlen(text) > LIMIT_SETTINGS_BYTES) {
        object_add_error(reader, "text-too-long", where, "%zu bytes; the limit is %d", strlen(text),
                         LIMIT_SETTINGS_BYTES);
        return NULL;
    }
    return text;
}

// A "~" before anything else is an error.
bool environment_is_pointer(const char *text) {
    bool is_good = *text == '/';
    for (const char *c = text; *c && is_good; c++) {
        is_good = *c != '~' || c[1] == '0' || c[1] == '1';
    }
    return is_good;
}
