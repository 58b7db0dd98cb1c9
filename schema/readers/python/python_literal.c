// SPDX-License-Identifier: MIT
// A recursive reader over tokens that the parser has already accepted, so only the shape of
// literals needs to be known here. The first thing that is no literal ends it, with its line.
// Where a name stands for a literal, the reader goes on in the tokens that the name is bound to:
//
//     VERSION = "1.0"                       -> read when PLUGIN_META is
//     BASE = dict(author="me")
//     PLUGIN_META = {**BASE, "id": "a", "version": VERSION}
#include "schema/readers/python/python_literal.h"

#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/readers/python/python_token.h"
#include "schema/base/list.h"

#include <errno.h>
#include <string.h>

struct literal_reader {
    struct arena *arena;
    const struct python_token *tokens;
    size_t at;                    // index of the next token
    size_t end;                   // index behind the last token
    int depth;                    // of lists, dicts and parentheses
    bool tuple;                   // the last value was one: "+" does not join it with a list
    const char *why_not;          // the first obstacle
    struct python_follow *follow; // NULL = no name is followed
};

static json_t *read_value(struct literal_reader *r);
static json_t *read_expression(struct literal_reader *r);

static json_t *give_up(struct literal_reader *r, const char *what) {
    if (!r->why_not) {
        size_t at = r->at < r->end ? r->at : r->end - 1;
        r->why_not = arena_printf(r->arena, "%s (line %d)", what, r->tokens[at].line);
    }
    return NULL;
}

static bool token_is_operator(const struct python_token *token, const char *text) {
    return token->type == PYTHON_OPERATOR && text_equals(token->text, text);
}

static bool next_is(const struct literal_reader *r, const char *text) {
    return r->at < r->end && token_is_operator(&r->tokens[r->at], text);
}

static bool accept(struct literal_reader *r, const char *text) {
    bool found = next_is(r, text);
    r->at += found;
    return found;
}

// Goes on in other tokens, as they stand in the same file.
static json_t *read_elsewhere(struct literal_reader *r, const struct python_span *span) {
    struct python_follow *follow = r->follow;
    const struct text *last = &span->tokens[span->end - 1].text;
    follow->bytes += (size_t)(last->ptr + last->len - span->tokens[span->first].text.ptr);
    if (follow->depth >= PYTHON_FOLLOW_DEPTH || follow->bytes > PYTHON_FOLLOW_BYTES) {
        return give_up(r, "too many names to follow");
    }
    struct literal_reader there = *r;
    there.at = span->first;
    there.end = span->end;
    follow->depth++;
    json_t *value = read_expression(&there);
    follow->depth--;
    r->why_not = there.why_not;
    r->tuple = there.tuple;
    return value;
}

// Neighbouring strings are one: "a" 'b' is "ab". NULL with a reason when one of them is not literal.
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
            obstacle = "an escape that cannot be decoded";
        }
        if (obstacle) {
            give_up(r, obstacle);
            good = false;
        }
    }
    bool nul = good && !value.failed && text_has_nul(value.ptr, value.len);
    if (good && !value.failed && !nul) {
        json = json_stringn(value.ptr, value.len);
    }
    buffer_done(&value);
    return json
               ? json
               : give_up(r, nul ? "a string with a NUL character" : "a string that is not Unicode");
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

// 1_000, 0xff, 0o17, 0b1 and 1e3 are numbers; 1j is none in JSON. Integers keep 64 bits, as JSON here does.
static json_t *read_number(struct literal_reader *r, bool negative) {
    char digits[400];
    struct text text = r->tokens[r->at].text;
    copy_without_underscores(text, digits, sizeof digits);
    char *end = NULL;
    char kind = text.len > 1 && digits[0] == '0' ? to_lower(digits[1]) : 0;
    int base = kind == 'x' ? 16 : kind == 'o' ? 8 : kind == 'b' ? 2 : 10;
    if (text.len >= sizeof digits || (base == 10 && strpbrk(digits, "jJ"))) {
        return give_up(r, "a number that JSON cannot hold");
    }
    if (base == 10 && strpbrk(digits, ".eE")) {
        double value;
        if (!text_to_real(digits, &value)) {
            return give_up(r, "a number that JSON cannot hold");
        }
        r->at++;
        return json_real(negative ? -value : value);
    }
    errno = 0;
    unsigned long long value = strtoull(base == 10 ? digits : digits + 2, &end, base);
    if (errno || *end || value > (unsigned long long)INT64_MAX + negative) {
        return give_up(r, "a number outside 64 bits");
    }
    r->at++;
    return json_integer(negative ? (json_int_t)(0 - value) : (json_int_t)value);
}

// *x in a list, tuple or the like: appends its items.
static bool append_items(struct literal_reader *r, json_t *array) {
    json_auto_t *items = read_value(r);
    if (items && !json_is_array(items)) {
        give_up(r, "not a literal");
        return false;
    }
    return items && json_array_extend(array, items) == 0;
}

// Between two items stands a comma; one behind the last item is allowed. [*other, 1] takes in the items of other.
static json_t *read_sequence(struct literal_reader *r, const char *close) {
    json_auto_t *array = json_array();
    bool comma = true;
    while (array && !accept(r, close)) {
        if (!comma) {
            return give_up(r, "not a literal");
        }
        bool starred = accept(r, "*");
        json_t *item = starred ? NULL : read_value(r);
        if (starred ? !append_items(r, array) : !item || json_array_append_new(array, item) != 0) {
            return NULL;
        }
        comma = accept(r, ",");
    }
    r->tuple = *close == ')';
    return json_incref(array);
}

// '(' begins a tuple, or a value in brackets.
static json_t *read_parenthesis(struct literal_reader *r) {
    size_t start = r->at;
    if (next_is(r, ")") || next_is(r, "*")) {
        return read_sequence(r, ")");
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

// **x in a dict or in the arguments of dict: adds its members.
static bool add_members(struct literal_reader *r, json_t *object) {
    json_auto_t *members = read_value(r);
    if (members && !json_is_object(members)) {
        give_up(r, "not a literal");
        return false;
    }
    return members && json_object_update(object, members) == 0;
}

// A member without a colon means that the braces hold a set, which JSON does not have.
static bool read_member(struct literal_reader *r, json_t *object) {
    json_auto_t *key = read_value(r);
    if (!key || !json_is_string(key)) {
        give_up(r, key ? "a key that is not a string" : "not a literal");
        return false;
    }
    if (!accept(r, ":")) {
        give_up(r, "a set");
        return false;
    }
    json_auto_t *value = read_value(r);
    return value && json_object_set(object, json_string_value(key), value) == 0;
}

// {**other, "a": 1}: the members of other first, so that later ones win, as in Python.
static json_t *read_dict(struct literal_reader *r) {
    json_auto_t *object = json_object();
    bool comma = true;
    while (object && !accept(r, "}")) {
        if (!comma) {
            return give_up(r, "not a literal");
        }
        if (!(accept(r, "**") ? add_members(r, object) : read_member(r, object))) {
            return NULL;
        }
        comma = accept(r, ",");
    }
    return json_incref(object);
}

// ---- what is followed ----

// One argument of dict(…): a keyword, **x, or a dict in the first place.
static bool read_dict_argument(struct literal_reader *r, json_t *object, bool first) {
    const struct python_token *name = &r->tokens[r->at];
    if (accept(r, "**")) {
        return add_members(r, object);
    }
    if (name->type != PYTHON_NAME || !token_is_operator(name + 1, "=")) {
        return first && add_members(r, object);
    }
    r->at += 2;
    json_auto_t *value = read_value(r);
    const char *key = value ? arena_copy(r->arena, name->text.ptr, name->text.len) : NULL;
    return key && json_object_set(object, key, value) == 0;
}

// dict(…), behind its "(".
static json_t *read_dict_call(struct literal_reader *r) {
    json_auto_t *object = json_object();
    bool comma = true;
    for (bool first = true; object && !accept(r, ")"); first = false) {
        if (!comma || r->at >= r->end || !read_dict_argument(r, object, first)) {
            return give_up(r, "not a literal");
        }
        comma = accept(r, ",");
    }
    return json_incref(object);
}

// Behind the "(" of a call, to behind its ")".
static void skip_arguments(struct literal_reader *r) {
    int depth = 1;
    for (; depth && r->at < r->end; r->at++) {
        bool opens = next_is(r, "(") || next_is(r, "[") || next_is(r, "{");
        bool closes = next_is(r, ")") || next_is(r, "]") || next_is(r, "}");
        depth += opens - closes;
    }
}

// dict(a=1) is a literal in disguise, unless the file binds the name dict itself. Any other call is followed
// into a function of this file, whose one return stands for it.
static json_t *read_call(struct literal_reader *r, size_t name) {
    struct python_span returned;
    if (text_equals(r->tokens[name].text, "dict") &&
        !python_binding_of(r->follow->module, name).count) {
        return read_dict_call(r);
    }
    const char *obstacle = python_follow_call(r->follow, name, &returned);
    if (obstacle) {
        r->at = name;
        return give_up(r, obstacle);
    }
    skip_arguments(r);
    r->follow->in_function = true;
    json_t *value = read_elsewhere(r, &returned);
    r->follow->in_function = false;
    return value;
}

// A name stands for what it is bound to, if that is bound once and never changed: VERSION = "1.0".
static json_t *read_name(struct literal_reader *r) {
    struct python_binding binding;
    size_t name = r->at;
    if (!r->follow || r->tokens[name].keyword) {
        return give_up(r, "not a literal");
    }
    r->at++;
    if (accept(r, "(")) {
        return read_call(r, name);
    }
    const char *obstacle = next_is(r, ".") || next_is(r, "[")
                               ? "not a literal"
                               : python_follow_name(r->follow, name, &binding);
    if (!obstacle && binding.first == binding.end) {
        obstacle = "not a literal";
    }
    if (obstacle) {
        r->at = name;
        return give_up(r, obstacle);
    }
    return read_elsewhere(r, &(struct python_span){r->tokens, binding.first, binding.end});
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
    return read_name(r);
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

// Signs may pile up, as Python allows: --1 is 1. Only numbers take them.
static json_t *read_term(struct literal_reader *r) {
    bool negative = false;
    bool has_sign = false;
    while (next_is(r, "+") || next_is(r, "-")) {
        has_sign = true;
        negative ^= next_is(r, "-");
        r->at++;
    }
    r->tuple = false;
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

// first + …, each a text. Owned.
static json_t *join_texts(struct literal_reader *r, const json_t *first) {
    scoped(buffer_done) struct buffer text;
    buffer_init(&text, LIMIT_PYTHON_BYTES);
    buffer_add(&text, json_string_value(first), json_string_length(first));
    while (accept(r, "+")) {
        json_auto_t *next = read_term(r);
        if (!next || !json_is_string(next)) {
            return give_up(r, "not a literal");
        }
        buffer_add(&text, json_string_value(next), json_string_length(next));
    }
    return text.failed ? give_up(r, "a string that is too long") : json_stringn(text.ptr, text.len);
}

// Appends to the first list what follows, as long as all are lists or all are tuples. Owned.
static json_t *join_lists(struct literal_reader *r, json_t *first) {
    bool tuple = r->tuple;
    while (accept(r, "+")) {
        json_auto_t *next = read_term(r);
        if (!next || !json_is_array(next) || r->tuple != tuple) {
            return give_up(r, "not a literal");
        }
        if (json_array_extend(first, next) != 0) {
            return NULL;
        }
    }
    return json_incref(first);
}

// "a" + "b" and [1] + [2] are folded, because long texts and lists are written so; arithmetic is not.
static json_t *read_value(struct literal_reader *r) {
    json_auto_t *first = read_term(r);
    if (!first || !next_is(r, "+")) {
        return json_incref(first);
    }
    return json_is_string(first)  ? join_texts(r, first)
           : json_is_array(first) ? join_lists(r, first)
                                  : give_up(r, "not a literal");
}

// At the top a tuple needs no brackets.
static json_t *read_expression(struct literal_reader *r) {
    bool starred = next_is(r, "*");
    json_auto_t *value = starred ? NULL : read_value(r);
    if (!starred && (!value || r->at == r->end)) {
        return json_incref(value);
    }
    json_auto_t *array = json_array();
    if (!array || (value && (!next_is(r, ",") || json_array_append(array, value) != 0))) {
        return give_up(r, "not a literal");
    }
    while ((starred || accept(r, ",")) && r->at < r->end) {
        starred = accept(r, "*");
        json_t *item = starred ? NULL : read_value(r);
        if (starred ? !append_items(r, array) : !item || json_array_append_new(array, item) != 0) {
            return NULL;
        }
        starred = false;
    }
    r->tuple = true;
    return r->at == r->end ? json_incref(array) : give_up(r, "not a literal");
}

// Not a literal is an answer, not a failure: *ret_why_not says why, for the finding.
enum status python_literal_read(struct arena *arena, const struct python_span *span,
                                struct python_follow *follow, const char **ret_json,
                                const char **ret_why_not, struct error *err) {
    struct literal_reader r = {.arena = arena,
                               .tokens = span->tokens,
                               .at = span->first,
                               .end = span->end,
                               .follow = follow};
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
