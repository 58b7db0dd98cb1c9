// SPDX-License-Identifier: MIT
// Simple statements, and the facts of assignments. Compound statements are in python_compound.c.
// Every statement is parsed, because a file that is not Python must be refused with its line, but facts are
// kept of two kinds alone: names that imports bind, and assignments at the top level:
//
//     NAME = A = value       both names, with the tokens of `value`
//     NAME: str = value      as without the annotation
//     NAME["a"] = 1          recorded as a change: the name has no readable value any more
#include "schema/readers/python/python_parse.h"

#include "schema/base/list.h"

#include <string.h>

static bool at_statement_end(const struct python_parser *p) {
    return p->tokens[p->at].type == PYTHON_NEWLINE || python_at(p, ";");
}

// ---- assignments ----

// A name that got tokens[first..end) as its value; first == end: something that cannot be read.
static enum status keep_assignment(struct python_parser *p, size_t name, size_t first, size_t end) {
    if (p->class || p->in_function) {
        return STATUS_OK;
    }
    struct python_assignment *items =
        python_grow(p->arena, p->module->assignments, p->module->assignment_count, sizeof *items);
    struct python_assignment kept = {.name = python_copy(p, p->tokens[name].text),
                                     .line = p->tokens[name].line,
                                     .conditional = p->conditional,
                                     .first = first,
                                     .end = end};
    if (!items || !kept.name) {
        return fail_no_memory(p->err);
    }
    p->module->assignments = items;
    items[p->module->assignment_count++] = kept;
    return STATUS_OK;
}

// The token of the name that tokens[first..end) are, in brackets or not; false for anything else.
static bool find_plain_name(const struct python_parser *p, size_t first, size_t end,
                            size_t *ret_name) {
    while (end > first + 2 && text_equals(p->tokens[first].text, "(") &&
           text_equals(p->tokens[end - 1].text, ")")) {
        first++;
        end--;
    }
    *ret_name = first;
    return end == first + 1 && p->tokens[first].type == PYTHON_NAME;
}

// x = y = value: the targets stand before each "="; the value is behind the last.
static enum status parse_chain(struct python_parser *p, size_t first, enum python_shape shape) {
    enum { TARGETS_MAX = 16 };
    size_t names[TARGETS_MAX];
    size_t name_count = 0;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && python_at(p, "=")) {
        if (shape != SHAPE_TARGET) {
            return python_refuse(p, "This cannot be assigned to");
        }
        if (name_count < TARGETS_MAX && find_plain_name(p, first, p->at, &names[name_count])) {
            name_count++;
        }
        first = ++p->at;
        status = python_at(p, "yield") ? (shape = SHAPE_OTHER, python_yield(p))
                                       : python_expressions(p, &shape);
    }
    size_t end = p->at;
    for (size_t i = 0; status == STATUS_OK && i < name_count; i++) {
        status = keep_assignment(p, names[i], first, end);
    }
    return status;
}

// annotated_assignment: target ":" expression ["=" value]    VERSION: str = "1.0"
static enum status parse_annotated(struct python_parser *p, size_t first, enum python_shape shape) {
    enum python_shape ignored;
    size_t name;
    bool named = find_plain_name(p, first, p->at, &name);
    if (shape != SHAPE_TARGET) {
        return python_refuse(p, "This cannot be annotated");
    }
    p->at++;
    enum status status = python_expression(p, &ignored);
    if (status || !python_accept(p, "=")) {
        return status;
    }
    size_t value = p->at;
    status = python_at(p, "yield") ? python_yield(p) : python_expressions(p, &ignored);
    return status || !named ? status : keep_assignment(p, name, value, p->at);
}

// "+=" "-=" "*=" "@=" "/=" "//=" "%=" "&=" "|=" "^=" "<<=" ">>=" "**="
static bool accept_augmented(struct python_parser *p) {
    const struct python_token *token = &p->tokens[p->at];
    size_t len = token->text.len;
    bool augmented = token->type == PYTHON_OPERATOR && len >= 2 &&
                     token->text.ptr[len - 1] == '=' && !strchr("=!<>:", token->text.ptr[0]);
    augmented = augmented || python_at(p, "<<=") || python_at(p, ">>=");
    p->at += augmented;
    return augmented;
}

// expressions, and every assignment, because only what follows the first expression tells them apart.
static enum status parse_expression_statement(struct python_parser *p) {
    size_t first = p->at;
    enum python_shape shape;
    if (python_at(p, "yield")) {
        return python_yield(p);
    }
    enum status status = python_expressions(p, &shape);
    if (status) {
        return status;
    }
    size_t end = p->at;
    if (python_at(p, ":")) {
        return parse_annotated(p, first, shape);
    }
    if (accept_augmented(p)) {
        size_t name;
        bool named = find_plain_name(p, first, end, &name);
        if (shape != SHAPE_TARGET) {
            return python_refuse(p, "This cannot be assigned to");
        }
        status = python_at(p, "yield") ? python_yield(p) : python_expressions(p, &shape);
        return status || !named ? status : keep_assignment(p, name, end, end);
    }
    return parse_chain(p, first, shape);
}

// ---- statements with a keyword ----

// dotted_name: NAME ("." NAME)*    a.b.c
static enum status parse_dotted_name(struct python_parser *p) {
    do {
        if (!python_at_name(p)) {
            return python_refuse(p, "A module's name is missing");
        }
        p->at++;
    } while (python_accept(p, "."));
    return STATUS_OK;
}

// The token whose name an import binds: the one after "as", or `name`. Kept at module level.
static enum status parse_binding(struct python_parser *p, size_t name) {
    if (python_accept(p, "as")) {
        if (!python_at_name(p)) {
            return python_refuse(p, "A name must follow \"as\"");
        }
        name = p->at++;
    }
    if (p->class || p->in_function) {
        return STATUS_OK;
    }
    struct python_module *module = p->module;
    const char **items =
        python_grow(p->arena, module->imports, module->import_count, sizeof *items);
    const char *bound = items ? python_copy(p, p->tokens[name].text) : NULL;
    if (!bound) {
        return fail_no_memory(p->err);
    }
    module->imports = items;
    items[module->import_count++] = bound;
    return STATUS_OK;
}

// import_name: "import" dotted_name ["as" NAME] ("," …)*    import a.b as c, d
static enum status parse_import(struct python_parser *p) {
    enum status status;
    do {
        size_t name = p->at;
        status = parse_dotted_name(p);
        if (status) {
            return status;
        }
        status = parse_binding(p, name);
    } while (status == STATUS_OK && python_accept(p, ","));
    return status;
}

// import_from: "from" ("." | "...")* [dotted_name] "import" ("*" | names)    from ..a import (b as c,)
static enum status parse_from(struct python_parser *p) {
    bool relative = false;
    while (python_accept(p, ".") || python_accept(p, "...")) {
        relative = true;
    }
    enum status status = relative && python_at(p, "import") ? STATUS_OK : parse_dotted_name(p);
    if (status) {
        return status;
    }
    status = python_expect(p, "import");
    if (status || python_accept(p, "*")) {
        return status;
    }
    bool bracket = python_accept(p, "(");
    do {
        if (!python_at_name(p)) {
            return python_refuse(p, "The name to import is missing");
        }
        size_t name = p->at++;
        status = parse_binding(p, name);
    } while (status == STATUS_OK && python_accept(p, ",") && !(bracket && python_at(p, ")")));
    return status || !bracket ? status : python_expect(p, ")");
}

// global, nonlocal: NAME ("," NAME)*
static enum status parse_names(struct python_parser *p) {
    do {
        if (!python_at_name(p)) {
            return python_refuse(p, "A name is missing");
        }
        p->at++;
    } while (python_accept(p, ","));
    return STATUS_OK;
}

// raise_stmt: "raise" [expression ["from" expression]]
static enum status parse_raise(struct python_parser *p) {
    enum python_shape shape;
    if (at_statement_end(p)) {
        return STATUS_OK;
    }
    enum status status = python_expression(p, &shape);
    return status || !python_accept(p, "from") ? status : python_expression(p, &shape);
}

// assert_stmt: "assert" expression ["," expression]
static enum status parse_assert(struct python_parser *p) {
    enum python_shape shape;
    enum status status = python_expression(p, &shape);
    return status || !python_accept(p, ",") ? status : python_expression(p, &shape);
}

// return_stmt: "return" [expressions]
static enum status parse_return(struct python_parser *p) {
    enum python_shape shape;
    return at_statement_end(p) ? STATUS_OK : python_expressions(p, &shape);
}

// pass, break, continue: the keyword is all.
static enum status parse_nothing(struct python_parser *p) {
    (void)p;
    return STATUS_OK;
}

// `del` takes targets up to the end of the statement.
static enum status parse_del(struct python_parser *p) {
    enum python_shape shape;
    enum status status = python_expressions(p, &shape);
    return status == STATUS_OK && shape != SHAPE_TARGET ? python_refuse(p, "This cannot be deleted")
                                                        : status;
}

// `type X[T] = …`: a statement only when a name and "=" or "[" follow.
static bool at_type_alias(const struct python_parser *p) {
    struct python_parser next = *p;
    next.at++;
    if (!python_at(p, "type") || !python_at_name(&next)) {
        return false;
    }
    next.at++;
    return python_at(&next, "=") || python_at(&next, "[");
}

// type_alias: "type" NAME ["[" type_params "]"] "=" expression (PEP 695)    type Pair[T] = tuple[T, T]
static enum status parse_type_alias(struct python_parser *p) {
    enum python_shape shape;
    p->at += 2;
    enum status status = python_type_parameters(p);
    if (status) {
        return status;
    }
    status = python_expect(p, "=");
    if (status) {
        return status;
    }
    return python_expression(p, &shape);
}

// T: bound = default, *Ts or **P.
static enum status parse_type_parameter(struct python_parser *p) {
    enum python_shape shape;
    if (!python_accept(p, "*")) {
        python_accept(p, "**");
    }
    if (!python_at_name(p)) {
        return python_refuse(p, "A type parameter's name is missing");
    }
    p->at++;
    enum status status = python_accept(p, ":") ? python_expression(p, &shape) : STATUS_OK;
    if (status || !python_accept(p, "=")) {
        return status;
    }
    python_accept(p, "*"); // *Ts = *default
    return python_expression(p, &shape);
}

enum status python_type_parameters(struct python_parser *p) {
    if (!python_accept(p, "[")) {
        return STATUS_OK;
    }
    do {
        enum status status = parse_type_parameter(p);
        if (status) {
            return status;
        }
    } while (python_accept(p, ",") && !python_at(p, "]"));
    return python_expect(p, "]");
}

static const struct {
    const char *keyword;
    enum status (*parse)(struct python_parser *p);
} statements[] = {
    {"pass", parse_nothing},   {"break", parse_nothing}, {"continue", parse_nothing},
    {"return", parse_return},  {"raise", parse_raise},   {"global", parse_names},
    {"nonlocal", parse_names}, {"del", parse_del},       {"assert", parse_assert},
    {"import", parse_import},  {"from", parse_from},
};

static enum status parse_small(struct python_parser *p) {
    for (size_t i = 0; i < COUNT_OF(statements); i++) {
        if (p->tokens[p->at].type == PYTHON_NAME && python_accept(p, statements[i].keyword)) {
            return statements[i].parse(p);
        }
    }
    return at_type_alias(p) ? parse_type_alias(p) : parse_expression_statement(p);
}

enum status python_simple_statements(struct python_parser *p) {
    enum status status;
    do {
        status = parse_small(p);
    } while (status == STATUS_OK && python_accept(p, ";") &&
             p->tokens[p->at].type != PYTHON_NEWLINE);
    if (status) {
        return status;
    }
    if (p->tokens[p->at].type != PYTHON_NEWLINE) {
        return python_refuse(p, "Invalid syntax");
    }
    if (status) {
        return status;
    }
    p->at++;
    return status;
}
