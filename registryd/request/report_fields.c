// SPDX-License-Identifier: MIT
// Members of a report, one by one. The texts of all findings about types, lengths and unknown keys of
// reports are here.
#include "registryd/request/report_fields.h"

#include "schema/json/json.h"

#include <string.h>

void report_add_error(struct report_reading *reading, const char *code, const char *where,
                      const char *format, ...) {
    struct error text;
    va_list args;
    va_start(args, format);
    fail_v(&text, STATUS_INVALID, where, format, args);
    va_end(args);
    findings_add_error(reading->findings, code, &text);
}

static const char *name_of(json_type type) {
    static const char *const names[] = {
        [JSON_OBJECT] = "an object",    [JSON_ARRAY] = "a list",  [JSON_STRING] = "a string",
        [JSON_INTEGER] = "a number",    [JSON_REAL] = "a number", [JSON_TRUE] = "true or false",
        [JSON_FALSE] = "true or false",
    };
    return names[type];
}

static bool has_type(const json_t *value, json_type type) {
    return type == JSON_TRUE ? json_is_boolean(value) : json_typeof(value) == type;
}

const json_t *report_member(struct report_reading *reading, const json_t *object, const char *where,
                            const struct report_text *member, json_type type) {
    const json_t *value = json_object_get(object, member->key);
    const char *at = json_pointer(reading->arena, where, member->key);
    if (!value || json_is_null(value)) {
        if (member->required) {
            report_add_error(reading, "key-missing", at, "\"%s\" is missing", member->key);
        }
        return NULL;
    }
    if (!has_type(value, type)) {
        report_add_error(reading, "wrong-type", at, "\"%s\" is %s, not %s", member->key,
                         json_type_name(value), name_of(type));
        return NULL;
    }
    return value;
}

static bool has_control(const char *text) {
    for (const char *c = text; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f) {
            return true;
        }
    }
    return false;
}

const char *report_member_text(struct report_reading *reading, const json_t *object,
                               const char *where, const struct report_text *member) {
    const json_t *value = report_member(reading, object, where, member, JSON_STRING);
    if (!value) {
        return NULL;
    }
    const char *at = json_pointer(reading->arena, where, member->key);
    const char *text = json_string_value(value);
    size_t len = json_string_length(value);
    if (!len && member->required) {
        report_add_error(reading, "text-empty", at, "\"%s\" is empty", member->key);
        return NULL;
    }
    if (len > member->max_bytes) {
        report_add_error(reading, "text-too-long", at, "%zu bytes; at most %zu are taken here", len,
                         member->max_bytes);
        return NULL;
    }
    if (member->one_line && has_control(text)) {
        report_add_error(reading, "control-character", at,
                         "A control character or line break stands in \"%s\"", member->key);
        return NULL;
    }
    return text;
}

static bool is_among(const char *key, const char *const *keys, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(keys[i], key) == 0) {
            return true;
        }
    }
    return false;
}

void report_warn_unknown(struct report_reading *reading, const json_t *object, const char *where,
                         const char *const *keys, size_t count) {
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value) {
        if (!is_among(key, keys, count)) {
            findings_add(reading->findings, SEVERITY_WARNING, "unknown-key",
                         json_pointer(reading->arena, where, key), NULL,
                         "\"%s\" is not known here and is left out", key);
        }
    }
}

bool report_count_fits(struct report_reading *reading, const char *where, size_t count,
                       size_t limit) {
    if (count > limit) {
        report_add_error(reading, "too-many-items", where, "%zu items; at most %zu are taken here",
                         count, limit);
    }
    return count <= limit;
}
