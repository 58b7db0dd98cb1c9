// SPDX-License-Identifier: MIT
// A recursive reader over tokens that the parser has already accepted, so only the shape of
// literals needs to be known here. The first thing that is no literal ends it, with its line.
#include "schema/readers/python/python_literal.h"

#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/readers/python/python_string.h"
#include "schema/base/list.h"

#include <errno.h>
#include <math.h>
#include <string.h>

struct literal_reader {
    struct arena *arena;
    const struct python_token *tokens;
    size_t at;
    size_t end;
    int depth;
    const char *why_not; // the first obstacle
};

static json_t *read_value(struct literal_reader *r);

static json_t *give_up(struct literal_reader *r, const char *what) {
    if (!r->why_not) {
        size_t at = r->at < r->end ? r->at : r->end - 1;
        r->why_not = arena_printf(r->arena, "%s (line %d)", what, r->tokens[at].line);
    }
    return NULL;
}

static bool next_is(const struct literal_reader *r, const char *text) {
    return r->at < r->end && r->tokens[r->at].type == PYTHON_OPERATOR &&
           text_equals(r->tokens[r->at].text, text);
}

static bool accept(struct literal_reader *r, const char *text) {
    bool found = next_is(r, text);
    r->at += found;
    return found;
}

static json_t *read_strings(struct literal_reader *r) {
    struct buffer value;
    buffer_init(&value, LIMIT_PYTHON_BYTES);
    buffer_add(&value, "", 0);
    json_t *json = NULL;
    bool good = true;
    for (; good && r->at < r->end && r->tokens[r->at].type == PYTHON_STRING; r->at++) {
        struct text literal = r->tokens[r->at].text;
        const char *obstacle = python_string_obstacle(literal);
        if (!obstacle && !python_string_append(literal, &value)) {
            obstacle = "an escape without a value here";
        }
        if (obstacle) {
            give_up(r, obstacle);
            good = false;
        }
    }
    if (good && !value.failed) {
        json = json_stringn(value.ptr, value.len);
    }
    buffer_done(&value);
    return json ? json : give_up(r, "text that is not Unicode");
}

static void copy_without_underscores(struct text text, char *copy, size_t size) {
    size_t len = 0;
    for (size_t i = 0; i < text.len && len + 1 < size; i++) {
        if (text.ptr[i] != '_') {
            copy[len++] = text.ptr[i];
        }
    }
    copy[len] = '\0';
}

static json_t *read_number(struct literal_reader *r, bool negative) {
    char digits[400];
    struct text text = r->tokens[r->at].text;
    copy_without_underscores(text, digits, sizeof digits);
    char *end = NULL;
    char kind = text.len > 1 && digits[0] == '0' ? to_lower(digits[1]) : 0;
    int base = kind == 'x' ? 16 : kind == 'o' ? 8 : kind == 'b' ? 2 : 10;
    if (text.len >= sizeof digits || (base == 10 && strpbrk(digits, "jJ"))) {
        return give_up(r, "a number that JSON does not have");
    }
    if (base == 10 && strpbrk(digits, ".eE")) {
        double value = strtod(digits, &end);
        r->at++;
        return isfinite(value) ? json_real(negative ? -value : value)
                               : give_up(r, "a number that JSON does not have");
    }
    errno = 0;
    long long value = strtoll(base == 10 ? digits : digits + 2, &end, base);
    if (errno || *end) {
        return give_up(r, "a number over 64 bit");
    }
    r->at++;
    return json_integer(negative ? -value : value);
}

static json_t *read_sequence(struct literal_reader *r, const char *close) {
    json_auto_t *array = json_array();
    bool comma = true;
    while (array && !accept(r, close)) {
        json_t *item = comma ? read_value(r) : give_up(r, "not a literal");
        if (!item || json_array_append_new(array, item) != 0) {
            return NULL;
        }
        comma = accept(r, ",");
    }
    return json_incref(array);
}

// '(' begins a tuple, or a value in brackets.
static json_t *read_parenthesis(struct literal_reader *r) {
    size_t start = r->at;
    if (accept(r, ")")) {
        return json_array();
    }
    json_auto_t *first = read_value(r);
    if (first && accept(r, ")")) {
        return json_incref(first);
    }
    if (!first || !next_is(r, ",")) {
        return give_up(r, "not a literal");
    }
    r->at = start;
    return read_sequence(r, ")");
}

static json_t *read_dict(struct literal_reader *r) {
    json_auto_t *object = json_object();
    bool comma = true;
    while (object && !accept(r, "}")) {
        json_auto_t *key = comma ? read_value(r) : give_up(r, "not a literal");
        if (!key || !json_is_string(key)) {
            return give_up(r, key ? "a key that is no text" : "not a literal");
        }
        if (!accept(r, ":")) {
            return give_up(r, "a set");
        }
        json_auto_t *value = read_value(r);
        if (!value) {
            return NULL;
        }
        if (memchr(json_string_value(key), 0, json_string_length(key)) ||
            json_object_set(object, json_string_value(key), value) != 0) {
            return give_up(r, "a key with a NUL character");
        }
        comma = accept(r, ",");
    }
    return json_incref(object);
}

static json_t *read_constant(struct literal_reader *r) {
    static const struct {
        const char *name;
        json_type type;
    } constants[] = {{"True", JSON_TRUE}, {"False", JSON_FALSE}, {"None", JSON_NULL}};
    for (size_t i = 0; i < COUNT_OF(constants); i++) {
        if (text_equals(r->tokens[r->at].text, constants[i].name)) {
            r->at++;
            return constants[i].type == JSON_NULL ? json_null()
                                                  : json_boolean(constants[i].type == JSON_TRUE);
        }
    }
    return give_up(r, "not a literal");
}

static json_t *read_nested(struct literal_reader *r) {
    if (r->depth >= LIMIT_JSON_DEPTH) {
        return give_up(r, "nested too deeply");
    }
    r->depth++;
    json_t *value = accept(r, "[")   ? read_sequence(r, "]")
                    : accept(r, "(") ? read_parenthesis(r)
                    : accept(r, "{") ? read_dict(r)
                                     : give_up(r, "not a literal");
    r->depth--;
    return value;
}

static json_t *read_value(struct literal_reader *r) {
    bool negative = false;
    bool has_sign = false;
    while (next_is(r, "+") || next_is(r, "-")) {
        has_sign = true;
        negative ^= next_is(r, "-");
        r->at++;
    }
    if (r->at >= r->end) {
        return give_up(r, "not a literal");
    }
    enum python_token_type type = r->tokens[r->at].type;
    if (type == PYTHON_NUMBER) {
        return read_number(r, negative);
    }
    if (has_sign) {
        return give_up(r, "not a literal");
    }
    return type == PYTHON_STRING ? read_strings(r)
           : type == PYTHON_NAME ? read_constant(r)
                                 : read_nested(r);
}

// At the top a tuple needs no brackets.
static json_t *read_expression(struct literal_reader *r) {
    json_auto_t *value = read_value(r);
    if (!value || r->at == r->end) {
        return json_incref(value);
    }
    json_auto_t *array = json_array();
    if (!next_is(r, ",") || json_array_append(array, value) != 0) {
        return give_up(r, "not a literal");
    }
    while (accept(r, ",") && r->at < r->end) {
        json_t *item = read_value(r);
        if (!item || json_array_append_new(array, item) != 0) {
            return NULL;
        }
    }
    return r->at == r->end ? json_incref(array) : give_up(r, "not a literal");
}

enum status python_literal_read(struct arena *arena, const struct python_span *span,
                                const char **ret_json, const char **ret_why_not,
                                struct error *err) {
    struct literal_reader r = {arena, span->tokens, span->first, span->end, 0, NULL};
    json_auto_t *value = read_expression(&r);
    *ret_json = NULL;
    *ret_why_not = NULL;
    if (!value) {
        *ret_why_not = r.why_not;
        return r.why_not ? STATUS_OK : fail_no_memory(err);
    }
    scoped(buffer_done) struct buffer text;
    buffer_init(&text, SIZE_MAX / 4);
    bool written = json_write(&text, value, false) && !text.failed;
    *ret_json = written ? arena_copy(arena, text.ptr, text.len) : NULL;
    return *ret_json ? STATUS_OK : fail_no_memory(err);
}
