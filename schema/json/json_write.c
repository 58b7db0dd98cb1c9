// SPDX-License-Identifier: MIT
// Writing compact JSON into a buffer, byte for byte as jansson does, which goes through a callback for
// every piece and formats where copying is enough. Only numbers are left to jansson.
#include "schema/json/json.h"
#include "schema/base/list.h"

#include <string.h>

static void write_control(struct buffer *buffer, unsigned char c) {
    static const char letters[] = {
        ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    static const char digits[] = "0123456789ABCDEF";
    char letter = c < sizeof letters ? letters[c] : '\0';
    if (c == '"' || c == '\\') {
        letter = (char)c;
    }
    const char escape[] = {'\\', letter ? letter : 'u', '0', '0', digits[c >> 4], digits[c & 15]};
    buffer_add(buffer, escape, letter ? 2 : sizeof escape);
}

bool json_write_string(struct buffer *buffer, const char *string, size_t len) {
    const char *end = string + len;
    if (!utf8_is_valid(string, len)) {
        return false;
    }
    buffer_add(buffer, "\"", 1);
    for (const char *plain = string; plain <= end; plain++) {
        const char *at = plain;
        while (at < end && (unsigned char)*at >= 0x20 && *at != '"' && *at != '\\') {
            at++;
        }
        buffer_add(buffer, plain, (size_t)(at - plain));
        if (at < end) {
            write_control(buffer, (unsigned char)*at);
        }
        plain = at;
    }
    buffer_add(buffer, "\"", 1);
    return true;
}

static bool write_number(struct buffer *buffer, const json_t *json) {
    char digits[64];
    size_t len = json_dumpb(json, digits, sizeof digits, JSON_ENCODE_ANY);
    buffer_add(buffer, digits, len);
    return len && len < sizeof digits;
}

static bool write_array(struct buffer *buffer, const json_t *array, bool sorted) {
    size_t index;
    json_t *value;
    buffer_add(buffer, "[", 1);
    json_array_foreach(array, index, value) {
        buffer_add(buffer, ",", index > 0);
        if (!json_write(buffer, value, sorted)) {
            return false;
        }
    }
    buffer_add(buffer, "]", 1);
    return true;
}

struct member {
    const char *key;
    const json_t *value;
};

static int compare_members(const void *a, const void *b) {
    return strcmp(((const struct member *)a)->key, ((const struct member *)b)->key);
}

static bool write_members(struct buffer *buffer, const struct member *members, size_t count,
                          bool sorted) {
    buffer_add(buffer, "{", 1);
    for (size_t i = 0; i < count; i++) {
        buffer_add(buffer, ",", i > 0);
        if (!json_write_string(buffer, members[i].key, strlen(members[i].key))) {
            return false;
        }
        buffer_add(buffer, ":", 1);
        if (!json_write(buffer, members[i].value, sorted)) {
            return false;
        }
    }
    buffer_add(buffer, "}", 1);
    return true;
}

static bool write_object(struct buffer *buffer, const json_t *object, bool sorted) {
    struct member few[16];
    size_t count = json_object_size(object);
    scoped(cleanup_memory) struct member *many = NULL;
    if (count > COUNT_OF(few) && !(many = malloc(count * sizeof *many))) {
        return false;
    }
    struct member *members = many ? many : few;
    size_t i = 0;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value) {
        members[i++] = (struct member){key, value};
    }
    if (sorted && count) {
        qsort(members, count, sizeof *members, compare_members);
    }
    return write_members(buffer, members, count, sorted);
}

bool json_write(struct buffer *buffer, const json_t *json, bool sorted) {
    static const char *const words[] = {
        [JSON_TRUE] = "true", [JSON_FALSE] = "false", [JSON_NULL] = "null"};
    if (!json) {
        return false;
    }
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return write_object(buffer, json, sorted);
    case JSON_ARRAY:
        return write_array(buffer, json, sorted);
    case JSON_STRING:
        return json_write_string(buffer, json_string_value(json), json_string_length(json));
    case JSON_INTEGER:
    case JSON_REAL:
        return write_number(buffer, json);
    default:
        buffer_add_string(buffer, words[json_typeof(json)]);
        return true;
    }
}
