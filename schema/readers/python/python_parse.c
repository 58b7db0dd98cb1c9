// SPDX-License-Identifier: MIT
// What the parts of the Python parser share: looking at tokens, keywords, dotted names, parameters.
// Which file does what, from the bytes to a fact:
//
//     python_source      encoding       bytes that are UTF-8
//     python_token       lines, layout  tokens with INDENT and DEDENT
//     python_compound    bodies         functions, classes, scopes
//     python_statement   one line       imports, assignments
//     python_expression  the rest       is it Python, and may it be assigned to
//     python_names, python_literal, python_value: only when somebody asks for a value
#include "schema/readers/python/python_parse.h"

#include <stdio.h>
#include <string.h>

enum status python_refuse(const struct python_parser *p, const char *message) {
    char where[sizeof p->err->where];
    snprintf(where, sizeof where, "%s:%d", p->path, p->tokens[p->at].line);
    return fail(p->err, STATUS_MALFORMED, where, "%s", message);
}

enum status python_expect(struct python_parser *p, const char *text) {
    if (python_accept(p, text)) {
        return STATUS_OK;
    }
    char message[64];
    snprintf(message, sizeof message, "\"%s\" is missing here", text);
    return python_refuse(p, message);
}

const char *python_copy(struct python_parser *p, struct text text) {
    return arena_copy(p->arena, text.ptr, text.len);
}

void *python_grow(struct arena *arena, void *items, size_t count, size_t size) {
    if (count && (count & (count - 1)) != 0) {
        return items; // not a power of two: there is room left
    }
    void *grown = arena_array(arena, count ? count * 2 : 1, size);
    if (grown && count) {
        memcpy(grown, items, count * size);
    }
    return grown;
}

const char *python_dotted(struct arena *arena, const struct python_token *tokens, size_t first,
                          size_t end) {
    struct buffer name;
    buffer_init(&name, 1000);
    bool good = end > first && (end - first) % 2 == 1;
    for (size_t i = first; good && i < end; i++) {
        const struct python_token *token = &tokens[i];
        good = (i - first) % 2 ? token->type == PYTHON_OPERATOR && text_equals(token->text, ".")
                               : token->type == PYTHON_NAME;
        buffer_add(&name, token->text.ptr, token->text.len);
    }
    const char *dotted = good && !name.failed ? arena_copy(arena, name.ptr, name.len) : NULL;
    buffer_done(&name);
    return dotted;
}

// ---- parameters of def and lambda ----

static enum status keep_parameter(struct python_parser *p, struct python_function *function,
                                  const char *stars, struct text name) {
    struct python_parameter *items =
        python_grow(p->arena, function->parameters, function->parameter_count, sizeof *items);
    size_t star_len = strlen(stars);
    char *text = items ? arena_alloc(p->arena, star_len + name.len + 1) : NULL;
    if (!text) {
        return fail_no_memory(p->err);
    }
    memcpy(text, stars, star_len);
    memcpy(text + star_len, name.ptr, name.len);
    function->parameters = items;
    items[function->parameter_count++] =
        (struct python_parameter){.name = text, .variadic = *stars != '\0'};
    return STATUS_OK;
}

static enum status parse_default(struct python_parser *p, struct python_function *function) {
    enum python_shape shape;
    if (!python_accept(p, "=")) {
        return STATUS_OK;
    }
    if (function) {
        function->parameters[function->parameter_count - 1].has_default = true;
    }
    return python_expression(p, &shape);
}

static enum status parse_parameter(struct python_parser *p, bool annotated,
                                   struct python_function *function) {
    enum python_shape shape;
    const char *stars = python_accept(p, "**") ? "**" : python_accept(p, "*") ? "*" : "";
    if (python_accept(p, "/") || (strcmp(stars, "*") == 0 && python_at(p, ","))) {
        return STATUS_OK;
    }
    if (!python_at_name(p)) {
        return python_refuse(p, "A parameter's name is missing");
    }
    enum status status = STATUS_OK;
    if (function) {
        status = keep_parameter(p, function, stars, p->tokens[p->at].text);
    }
    p->at++;
    if (status) {
        return status;
    }
    if (annotated && python_accept(p, ":")) {
        python_accept(p, "*"); // *args: *Ts
        status = python_expression(p, &shape);
    }
    if (status) {
        return status;
    }
    return parse_default(p, function);
}

enum status python_parameters(struct python_parser *p, const char *close,
                              struct python_function *function) {
    while (!python_at(p, close)) {
        enum status status = parse_parameter(p, *close == ')', function);
        if (status) {
            return status;
        }
        if (!python_accept(p, ",") && !python_at(p, close)) {
            return python_expect(p, close);
        }
    }
    return STATUS_OK;
}
