// SPDX-License-Identifier: MIT
// Where a part of a literal stands. The reader of literals makes JSON, which has no lines; this one goes by the
// tokens again, only along the one way that is asked for, and only when something is wrong with the value:
//
//     PLUGIN_META = {            /nav/0/label
//         "nav": [               at this "[" the way goes on to item 0
//             {"label": 7},      the line of the answer
//
// Whatever is not written as a literal in this place ends the way: the line so far is the answer.
#include "schema/readers/python/python_literal.h"
#include "schema/readers/python/python_source.h"

#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/readers/python/python_token.h"

#include <string.h>

static bool is_operator(const struct python_token *token, const char *text) {
    return token->type == PYTHON_OPERATOR && text_equals(token->text, text);
}

static bool opens(const struct python_token *token) {
    return is_operator(token, "(") || is_operator(token, "[") || is_operator(token, "{");
}

// What stands between two commas, from *at on. False at the end.
static bool next_item(const struct python_span *inside, size_t *at, struct python_span *ret_item) {
    size_t first = *at;
    size_t end = first;
    if (first >= inside->end) {
        return false;
    }
    while (end < inside->end && !is_operator(&inside->tokens[end], ",")) {
        end = opens(&inside->tokens[end]) ? python_behind_bracket(inside->tokens, end) : end + 1;
    }
    *ret_item = (struct python_span){inside->tokens, first, end};
    *at = end + 1;
    return end > first;
}

// The text of strings side by side, which a key is.
static bool is_key(const struct python_span *key, struct text part) {
    scoped(buffer_done) struct buffer text;
    buffer_init(&text, LIMIT_PYTHON_BYTES);
    bool good = true;
    for (size_t i = key->first; i < key->end && good; i++) {
        const struct python_token *token = &key->tokens[i];
        good = token->type == PYTHON_STRING && !python_string_obstacle(token->text) &&
               python_string_append(token->text, &text);
    }
    buffer_add(&text, "", 1);
    return good && !text.failed && key->end > key->first && json_pointer_names(part, text.ptr);
}

// Whether the item is `"part": value` of a dict, or `part=value` of a call. The span becomes the value.
static bool take_member(struct python_span *item, struct text part, bool is_call) {
    const struct python_token *tokens = item->tokens;
    size_t at = item->first;
    if (is_call) {
        bool named = item->end > at + 2 && is_operator(&tokens[at + 1], "=") &&
                     tokens[at].text.len == part.len &&
                     memcmp(tokens[at].text.ptr, part.ptr, part.len) == 0;
        item->first = named ? at + 2 : at;
        return named;
    }
    while (at < item->end && !is_operator(&tokens[at], ":")) {
        at = opens(&tokens[at]) ? python_behind_bracket(tokens, at) : at + 1;
    }
    struct python_span key = {tokens, item->first, at};
    bool named = at + 1 < item->end && is_key(&key, part);
    item->first = named ? at + 1 : item->first;
    return named;
}

// What stands between the brackets of the value: false when it is no list, dict or call as a whole.
static bool find_inside(const struct python_span *value, struct python_span *ret_inside) {
    size_t open = value->first;
    while (open < value->end && !opens(&value->tokens[open])) {
        open++;
    }
    if (open >= value->end || python_behind_bracket(value->tokens, open) != value->end) {
        return false;
    }
    *ret_inside = (struct python_span){value->tokens, open + 1, value->end - 1};
    return true;
}

// Whether the brackets around the value hold items: following a value takes single brackets off.
static bool is_tuple(const struct python_span *value) {
    struct python_span inside;
    struct python_span item;
    return is_operator(&value->tokens[value->first], "(") && find_inside(value, &inside) &&
           next_item(&inside, &inside.first, &item) && item.end < inside.end;
}

// Moves the span to the child, and *line to where its key stands. The last key of a dict counts.
static bool enter(struct python_span *span, struct text part, int *line) {
    struct python_span inside;
    struct python_span item;
    struct python_span found = {0};
    if (!find_inside(span, &inside)) {
        return false;
    }
    bool is_call = inside.first > span->first + 1;
    bool is_list = !is_call && !is_operator(&span->tokens[span->first], "{");
    size_t wanted = json_pointer_item(part);
    size_t count = 0;
    for (size_t at = inside.first; next_item(&inside, &at, &item);) {
        int item_line = item.tokens[item.first].line;
        if (is_list && is_operator(&item.tokens[item.first], "*")) {
            return false; // how many items it stands for is not known here
        }
        if (is_list ? count++ == wanted : take_member(&item, part, is_call)) {
            found = item;
            *line = item_line;
        }
    }
    *span = found.tokens ? found : *span;
    return found.tokens;
}

int python_value_line(const struct python_module *module, const char *name, const char *pointer) {
    const struct python_assignment *assignment = python_find_assignment(module, name);
    struct python_follow follow = {.module = module};
    struct text rest = text_from(*pointer == '/' ? pointer + 1 : NULL);
    struct text part;
    if (!assignment) {
        return 0;
    }
    int line = assignment->line;
    struct python_span span = {module->tokens, assignment->first, assignment->end};
    while (span.first < span.end && text_split(&rest, '/', &part)) {
        if (!is_tuple(&span)) {
            python_follow_maker(&follow, &span);
        }
        if (!enter(&span, part, &line)) {
            break;
        }
    }
    return line;
}
