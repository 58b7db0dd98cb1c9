// SPDX-License-Identifier: MIT
// The one place that judges the members of JSON objects that come from outside. The messages are
// written for the person who wrote the JSON; programs read the codes (docs/FINDINGS.md). Nothing is
// kept between calls, so any thread may decode.
#include "schema/object.h"

#include "schema/json/json.h"

#include <inttypes.h>
#include <string.h>

void object_add_error(struct object_reader *reader, const char *code, const char *where,
                      const char *format, ...) {
    struct error text; // formats within bounds, without memory of its own
    va_list args;
    va_start(args, format);
    fail_v(&text, STATUS_INVALID, where, format, args);
    va_end(args);
    findings_add(reader->findings, SEVERITY_ERROR, code, where, NULL, "%s", text.message);
}

// A lack of memory is no fault of the document; findings_fail reports it as what it is.
void object_add_cause(struct object_reader *reader, const char *code, const char *where,
                      const struct error *cause) {
    if (cause->status == STATUS_NO_MEMORY) {
        reader->findings->no_memory = true;
        return;
    }
    object_add_error(reader, code, where, "%s", cause->message);
}

void *object_array(struct object_reader *reader, size_t count, size_t size) {
    void *array = arena_array(reader->arena, count ? count : 1, size);
    reader->findings->no_memory |= !array;
    return array;
}

static const char *name_of(json_type type) {
    static const char *const names[] = {
        [JSON_OBJECT] = "an object",    [JSON_ARRAY] = "an array", [JSON_STRING] = "a string",
        [JSON_INTEGER] = "an integer",  [JSON_REAL] = "a number",  [JSON_TRUE] = "true or false",
        [JSON_FALSE] = "true or false", [JSON_NULL] = "null",
    };
    return names[type];
}

// Also the gate for sizes: a list that is too long is refused before its items are looked at.
bool object_is(struct object_reader *reader, const char *where, const json_t *value, json_type type,
               size_t max) {
    // JSON_TRUE stands for both truth values, which are two types for jansson.
    bool is_type = type == JSON_TRUE ? json_is_boolean(value) : json_typeof(value) == type;
    if (!is_type) {
        object_add_error(reader, "wrong-type", where, "The value must be %s, not %s", name_of(type),
                         json_type_name(value));
        return false;
    }
    // both are 0 for a scalar
    size_t count = json_array_size(value) + json_object_size(value);
    if (max && count > max) {
        object_add_error(reader, "too-many-items", where, "%zu items; the limit is %zu", count,
                         max);
        return false;
    }
    return true;
}

// The length is judged before the content: a text of megabytes is refused without being read.
const char *object_text(struct object_reader *reader, const char *where, const json_t *value,
                        size_t max, bool one_line) {
    if (!object_is(reader, where, value, JSON_STRING, 0)) {
        return NULL;
    }
    const char *text = json_string_value(value);
    size_t len = json_string_length(value);
    if (max && len > max) {
        object_add_error(reader, "text-too-long", where, "%zu bytes; the limit is %zu", len, max);
        return NULL;
    }
    for (size_t i = 0; one_line && i < len; i++) {
        if (is_control(text[i])) {
            object_add_error(reader, "control-character", where,
                             "The text contains a line break or control character (0x%02x)",
                             (unsigned char)text[i]);
            return NULL;
        }
    }
    const char *copy = arena_copy(reader->arena, text, len);
    reader->findings->no_memory |= !copy;
    return copy;
}

// A blank text counts as absent; where it is required, that is an error of its own.
static void decode_text(struct object_reader *reader, const char *where, const json_t *value,
                        const struct object_member *member, const char **at) {
    const char *text =
        object_text(reader, where, value, (size_t)member->max, member->type == MEMBER_LINE);
    if (text && !text_trim(text_from(text)).len) {
        if (member->required) {
            object_add_error(reader, "text-empty", where, "The text must not be empty");
        }
        text = NULL;
    }
    *at = text;
}

static void decode_strings(struct object_reader *reader, const char *where, const json_t *value,
                           const struct object_member *member, struct strings *at) {
    size_t index;
    json_t *item;
    if (!object_is(reader, where, value, JSON_ARRAY, (size_t)member->max)) {
        return;
    }
    struct strings strings = {
        .items = object_array(reader, json_array_size(value), sizeof *strings.items)};
    json_array_foreach(value, index, item) {
        const char *text =
            object_text(reader, json_pointer_index(reader->arena, where, index), item, 0, false);
        if (text && strings.items) {
            strings.items[strings.count++] = text;
        }
    }
    *at = strings;
}

static void decode_integer(struct object_reader *reader, const char *where, const json_t *value,
                           const struct object_member *member, int64_t *at) {
    if (!object_is(reader, where, value, JSON_INTEGER, 0)) {
        return;
    }
    int64_t number = json_integer_value(value);
    if (number < member->min || (member->max && number > member->max)) {
        object_add_error(reader, "number-out-of-range", where,
                         "The number must be from %" PRId64 " to %" PRId64 ", not %" PRId64,
                         member->min, member->max ? member->max : INT64_MAX, number);
        return;
    }
    *at = number;
}

// The type of a row decides what the member of the target is: const char *, struct strings, bool, int64_t.
static void decode_member(struct object_reader *reader, const char *where, const json_t *value,
                          const struct object_member *member, void *target) {
    void *at = (char *)target + member->offset;
    switch (member->type) {
    case MEMBER_LINE:
    case MEMBER_TEXT:
        decode_text(reader, where, value, member, at);
        return;
    case MEMBER_STRING:
        *(const char **)at = object_text(reader, where, value, (size_t)member->max, false);
        return;
    case MEMBER_STRINGS:
        decode_strings(reader, where, value, member, at);
        return;
    case MEMBER_FLAG:
        if (object_is(reader, where, value, JSON_TRUE, 0)) {
            *(bool *)at = json_is_true(value);
        }
        return;
    case MEMBER_INTEGER:
        decode_integer(reader, where, value, member, at);
        return;
    case MEMBER_ARRAY:
    case MEMBER_OBJECT:
        if (object_is(reader, where, value, member->type == MEMBER_ARRAY ? JSON_ARRAY : JSON_OBJECT,
                      (size_t)member->max)) {
            *(const json_t **)at = value;
        }
        return;
    case MEMBER_CUSTOM:
        member->decode(reader, where, value, target);
        return;
    }
}

static void add_unknown_key(struct object_reader *reader, const char *where, const char *key,
                            const struct object_member *members, size_t count) {
    if (reader->ignores_unknown_keys) {
        return;
    }
    // A list that does not fit is cut: it is a help, and the finding names the wrong key.
    char known[400] = "";
    size_t used = 0;
    for (size_t i = 0; i < count && used < sizeof known; i++) {
        const char *joint = i == 0 ? "" : i + 1 == count ? " and " : ", ";
        used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", joint, members[i].key);
    }
    bool is_error = reader->unknown_key == SEVERITY_ERROR;
    findings_add(reader->findings, reader->unknown_key, "unknown-key",
                 json_pointer(reader->arena, where, key), NULL,
                 is_error ? "Unknown key \"%s\". Known keys: %s."
                          : "Unknown key \"%s\": it is ignored. Known keys: %s.",
                 key, known);
}

// Linear: the longest table has some twenty rows.
static const struct object_member *find_member(const struct object_member *members, size_t count,
                                               const char *key) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(members[i].key, key) == 0) {
            return &members[i];
        }
    }
    return NULL;
}

// null counts as absent, as it does in object_decode.
static void check_required(struct object_reader *reader, const char *where, const json_t *object,
                           const struct object_member *members, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_object_get(object, members[i].key);
        if (members[i].required && (!value || json_is_null(value))) {
            object_add_error(reader, "key-missing",
                             json_pointer(reader->arena, where, members[i].key),
                             "\"%s\" is required", members[i].key);
        }
    }
}

// Members in the order of the document, so that findings come in the order a person reads it.
void object_decode(struct object_reader *reader, const char *where, const json_t *object,
                   const struct object_member *members, size_t count, void *target) {
    const char *key;
    json_t *value;
    if (!object_is(reader, where, object, JSON_OBJECT, 0)) {
        return;
    }
    json_object_foreach((json_t *)object, key, value) {
        const struct object_member *member = find_member(members, count, key);
        if (!member) {
            add_unknown_key(reader, where, key, members, count);
        } else if (!json_is_null(value)) {
            decode_member(reader, json_pointer(reader->arena, where, key), value, member, target);
        }
    }
    check_required(reader, where, object, members, count);
}
