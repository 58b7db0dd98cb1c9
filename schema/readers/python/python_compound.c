// SPDX-License-Identifier: MIT
// Compound statements: everything with a body. Bodies nest, and facts are kept for the top level and for
// class bodies there; what functions hold inside is parsed (it must be Python) and dropped. But each def
// and class leaves a scope, so that a name in it can be followed later (python_names.c).
//
// A soft keyword (match, case, type) is one only where the rest of the line says so.
//
// The comments give the productions of "Full Grammar specification" in the Python reference.
#include "schema/readers/python/python_parse.h"

#include "schema/base/list.h"

#include <string.h>

// block: NEWLINE INDENT statements DEDENT | simple_stmts
static enum status parse_body(struct python_parser *p) {
    enum status status = python_expect(p, ":");
    if (status) {
        return status;
    }
    if (p->tokens[p->at].type != PYTHON_NEWLINE) {
        return python_simple_statements(p);
    }
    p->at++;
    if (p->tokens[p->at].type != PYTHON_INDENT) {
        return python_refuse(p, "Expected an indented block");
    }
    p->at++;
    while (status == STATUS_OK && p->tokens[p->at].type != PYTHON_DEDENT) {
        status = python_statement(p);
    }
    if (status) {
        return status;
    }
    p->at++;
    return status;
}

// A body whose facts are conditional.
static enum status parse_branch(struct python_parser *p) {
    bool outer = p->conditional;
    p->conditional = true;
    enum status status = parse_body(p);
    p->conditional = outer;
    return status;
}

// else_block: "else" ":" block
static enum status parse_else(struct python_parser *p) {
    return python_accept(p, "else") ? parse_branch(p) : STATUS_OK;
}

// ---- def and class ----

// Begins a scope inside the one being read; its body and end follow when they are known.
enum status python_open_scope(struct python_parser *p, bool is_function) {
    struct python_module *module = p->module;
    struct python_scope *scopes =
        python_grow(p->arena, module->scopes, module->scope_count, sizeof *scopes);
    if (!scopes) {
        return fail_no_memory(p->err);
    }
    scopes[module->scope_count] =
        (struct python_scope){.is_function = is_function, .parent = p->scope, .parameters = p->at};
    module->scopes = scopes;
    p->scope = module->scope_count++;
    return STATUS_OK;
}

// A body that has names of its own. The scope was opened before the parameters.
static enum status parse_scope_body(struct python_parser *p) {
    size_t scope = p->scope;
    p->module->scopes[scope].body = p->at;
    enum status status = parse_body(p);
    p->module->scopes[scope].end = p->at;
    p->scope = p->module->scopes[scope].parent;
    return status;
}

static enum status keep_function(struct python_parser *p, const struct python_function *function) {
    struct python_class *class = p->class;
    struct python_function **list = class ? &class->methods : &p->module->functions;
    size_t *count = class ? &class->method_count : &p->module->function_count;
    if (p->in_function) {
        return STATUS_OK;
    }
    struct python_function *items = python_grow(p->arena, *list, *count, sizeof *items);
    if (!items) {
        return fail_no_memory(p->err);
    }
    items[(*count)++] = *function;
    *list = items;
    return STATUS_OK;
}

// "[T](a, b=1) -> type" of a def, up to its ":".
static enum status parse_signature(struct python_parser *p, struct python_function *function) {
    enum python_shape shape;
    enum status status = python_type_parameters(p);
    if (status) {
        return status;
    }
    status = python_expect(p, "(");
    if (status) {
        return status;
    }
    status = python_parameters(p, ")", function);
    if (status) {
        return status;
    }
    status = python_expect(p, ")");
    return status || !python_accept(p, "->") ? status : python_expression(p, &shape);
}

static enum status parse_function_body(struct python_parser *p) {
    bool outer = p->in_function;
    p->in_function = true;
    enum status status = parse_scope_body(p);
    p->in_function = outer;
    return status;
}

// function_def: ["async"] "def" NAME ["[" type_params "]"] "(" [params] ")" ["->" expression] ":" block
static enum status parse_function(struct python_parser *p, int line, bool is_async) {
    struct python_function function = {.line = line,
                                       .is_async = is_async,
                                       .is_decorated = p->decorated,
                                       .conditional = p->conditional};
    if (!python_at_name(p)) {
        return python_refuse(p, "The function's name is missing");
    }
    p->decorated = false;
    function.name = python_copy(p, p->tokens[p->at++].text);
    enum status status = function.name ? python_open_scope(p, true) : fail_no_memory(p->err);
    if (status) {
        return status;
    }
    function.scope = p->scope;
    status = parse_signature(p, &function);
    if (status) {
        return status;
    }
    status = keep_function(p, &function);
    if (status) {
        return status;
    }
    return parse_function_body(p);
}

// The bases are the positional arguments; keywords (metaclass=…) are only parsed.
static enum status parse_bases(struct python_parser *p, struct python_class *class) {
    while (!python_accept(p, ")")) {
        enum python_shape shape;
        size_t first = p->at;
        const struct python_token *next = &p->tokens[p->at + 1];
        bool other = python_at(p, "*") || python_at(p, "**");
        p->at += other;
        if (python_at_name(p) && next->type == PYTHON_OPERATOR && text_equals(next->text, "=")) {
            p->at += 2;
            other = true;
        }
        enum status status = other ? python_expression(p, &shape) : python_named_expression(p);
        const char **bases =
            other ? NULL : python_grow(p->arena, class->bases, class->base_count, sizeof *bases);
        if (status) {
            return status;
        }
        if (bases) {
            class->bases = bases;
            bases[class->base_count++] = python_dotted(p->arena, p->tokens, first, p->at);
        }
        if (!python_accept(p, ",") && !python_at(p, ")")) {
            return python_expect(p, ")");
        }
    }
    return STATUS_OK;
}

static enum status keep_class(struct python_parser *p, const struct python_class *class) {
    struct python_class *items =
        python_grow(p->arena, p->module->classes, p->module->class_count, sizeof *items);
    if (!items) {
        return fail_no_memory(p->err);
    }
    items[p->module->class_count++] = *class;
    p->module->classes = items;
    return STATUS_OK;
}

// class_def: "class" NAME ["[" type_params "]"] ["(" [arguments] ")"] ":" block
static enum status parse_class(struct python_parser *p, int line) {
    if (!python_at_name(p)) {
        return python_refuse(p, "The class's name is missing");
    }
    struct python_class class = {.line = line,
                                 .conditional = p->conditional,
                                 .name = python_copy(p, p->tokens[p->at++].text)};
    if (!class.name) {
        return fail_no_memory(p->err);
    }
    p->decorated = false;
    enum status status = python_open_scope(p, false);
    if (status) {
        return status;
    }
    status = python_type_parameters(p);
    if (status) {
        return status;
    }
    if (python_accept(p, "(")) {
        status = parse_bases(p, &class);
    }
    bool nested = p->class || p->in_function;
    struct python_parser outer = *p;
    p->class = nested ? p->class : &class;
    p->in_function = nested;
    p->conditional = false;
    if (status) {
        return status;
    }
    status = parse_scope_body(p);
    p->class = outer.class;
    p->in_function = outer.in_function;
    p->conditional = outer.conditional;
    return status || nested ? status : keep_class(p, &class);
}

// decorator: "@" named_expression NEWLINE
static enum status parse_decorator(struct python_parser *p) {
    enum status status = python_named_expression(p);
    if (status) {
        return status;
    }
    if (p->tokens[p->at].type != PYTHON_NEWLINE) {
        return python_refuse(p, "Expected a line break after the decorator");
    }
    p->at++;
    return STATUS_OK;
}

static enum status parse_decorated(struct python_parser *p) {
    while (python_accept(p, "@")) {
        enum status status = parse_decorator(p);
        if (status) {
            return status;
        }
    }
    if (!python_at(p, "def") && !python_at(p, "class") && !python_at(p, "async")) {
        return python_refuse(p, "Expected a function or class after the decorator");
    }
    p->decorated = true;
    return python_statement(p);
}

// ---- the other compound statements ----

// if_stmt: "if" named_expression ":" block ("elif" named_expression ":" block)* [else_block]
static enum status parse_if(struct python_parser *p) {
    enum status status;
    do {
        status = python_named_expression(p);
        if (status) {
            return status;
        }
        status = parse_branch(p);
    } while (status == STATUS_OK && python_accept(p, "elif"));
    if (status) {
        return status;
    }
    return parse_else(p);
}

// while_stmt: "while" named_expression ":" block [else_block]
static enum status parse_while(struct python_parser *p) {
    enum status status = python_named_expression(p);
    if (status) {
        return status;
    }
    status = parse_branch(p);
    if (status) {
        return status;
    }
    return parse_else(p);
}

// for_stmt: "for" targets "in" expressions ":" block [else_block]
static enum status parse_for(struct python_parser *p) {
    enum python_shape shape;
    enum status status = python_targets(p);
    if (status) {
        return status;
    }
    status = python_expect(p, "in");
    if (status) {
        return status;
    }
    status = python_expressions(p, &shape);
    if (status) {
        return status;
    }
    status = parse_branch(p);
    if (status) {
        return status;
    }
    return parse_else(p);
}

// except_block: "except" ["*"] [expressions ["as" NAME]] ":" block. Since 3.14 several types need no
// brackets.
static enum status parse_except(struct python_parser *p) {
    enum python_shape shape;
    python_accept(p, "*");
    if (python_at(p, ":")) {
        return parse_branch(p);
    }
    enum status status = python_expression(p, &shape);
    while (status == STATUS_OK && python_accept(p, ",")) { // without brackets since 3.14
        status = python_expression(p, &shape);
    }
    if (status) {
        return status;
    }
    if (python_accept(p, "as")) {
        status = python_at_name(p) ? STATUS_OK : python_refuse(p, "A name must follow \"as\"");
        p->at++;
    }
    if (status) {
        return status;
    }
    return parse_branch(p);
}

// try_stmt: "try" ":" block (except_block+ [else_block] ["finally" ":" block] | "finally" ":" block)
static enum status parse_try(struct python_parser *p) {
    bool handled = false;
    enum status status = parse_branch(p);
    while (status == STATUS_OK && python_accept(p, "except")) {
        handled = true;
        status = parse_except(p);
    }
    if (handled && status == STATUS_OK) {
        status = parse_else(p);
    }
    if (status) {
        return status;
    }
    if (python_accept(p, "finally")) {
        return parse_branch(p);
    }
    return status || handled ? status : python_refuse(p, "\"except\" or \"finally\" is missing");
}

// One with-item: expression [as target].
static enum status parse_with_item(struct python_parser *p) {
    enum python_shape shape;
    enum status status = python_expression(p, &shape);
    if (status || !python_accept(p, "as")) {
        return status;
    }
    status = python_target(p, &shape);
    return status == STATUS_OK && shape == SHAPE_OTHER ? python_refuse(p, "This cannot be bound")
                                                       : status;
}

static enum status parse_with_items(struct python_parser *p, const char *end) {
    enum status status;
    do {
        status = parse_with_item(p);
    } while (status == STATUS_OK && python_accept(p, ",") && !python_at(p, end));
    return status;
}

// "with (a as b, c):" and "with (a), b:" begin alike: try the bracketed form, then the plain one.
static enum status parse_with(struct python_parser *p) {
    struct python_parser outer = *p;
    struct error *err = p->err;
    size_t calls = p->class ? p->class->call_count : 0;
    if (python_accept(p, "(")) {
        struct error ignored;
        p->err = &ignored;
        enum status status = parse_with_items(p, ")");
        bool bracketed = status == STATUS_OK && python_accept(p, ")") && python_at(p, ":");
        p->err = err;
        if (bracketed) {
            return parse_branch(p);
        }
        p->at = outer.at;
        p->depth = outer.depth;
        if (p->class) {
            p->class->call_count = calls;
        }
    }
    enum status status = parse_with_items(p, ":");
    if (status) {
        return status;
    }
    return parse_branch(p);
}

// "match" is a keyword only where a subject, a colon and an indented "case" follow.
static bool at_match(struct python_parser *p) {
    if (!python_at(p, "match")) {
        return false;
    }
    int brackets = 0;
    size_t at = p->at + 1;
    while (p->tokens[at].type != PYTHON_NEWLINE) {
        at++;
        brackets += 1;
    }
    const struct python_token *t = p->tokens;
    return brackets > 1 && text_equals(t[at - 1].text, ":") && t[at + 1].type == PYTHON_INDENT &&
           text_equals(t[at + 2].text, "case");
}

// Patterns are skipped, brackets balanced by the tokenizer, up to the guard or the colon.
static enum status parse_case(struct python_parser *p) {
    int brackets = 0;
    enum status status = python_expect(p, "case");
    while (status == STATUS_OK && (brackets || !(python_at(p, ":") || python_at(p, "if")))) {
        const struct python_token *token = &p->tokens[p->at];
        if (token->type == PYTHON_NEWLINE || token->type == PYTHON_END) {
            return python_refuse(p, "A case must end with \":\"");
        }
        if (token->type == PYTHON_OPERATOR) {
            char c = token->text.ptr[0];
            brackets += strchr("([{", c) ? 1 : strchr(")]}", c) ? -1 : 0;
        }
        p->at++;
    }
    if (status) {
        return status;
    }
    if (python_accept(p, "if")) {
        status = python_named_expression(p);
    }
    if (status) {
        return status;
    }
    return parse_branch(p);
}

// What is matched: *x and y := x may stand in it, between commas.
static enum status parse_subject(struct python_parser *p) {
    enum status status;
    do {
        python_accept(p, "*");
        status = python_named_expression(p);
    } while (status == STATUS_OK && python_accept(p, ",") && !python_at(p, ":"));
    if (status) {
        return status;
    }
    return python_expect(p, ":");
}

// match_stmt: "match" subject ":" NEWLINE INDENT case_block+ DEDENT (PEP 634)
static enum status parse_match(struct python_parser *p) {
    p->at++;
    enum status status = parse_subject(p);
    p->at += 2; // NEWLINE and INDENT: at_match has seen them
    while (status == STATUS_OK && p->tokens[p->at].type != PYTHON_DEDENT) {
        status = parse_case(p);
    }
    if (status) {
        return status;
    }
    p->at++;
    return status;
}

// "async" stands before def, with and for.
static enum status parse_async(struct python_parser *p, int line) {
    if (python_accept(p, "def")) {
        return parse_function(p, line, true);
    }
    if (python_accept(p, "for")) {
        return parse_for(p);
    }
    enum status status = python_expect(p, "with");
    if (status) {
        return status;
    }
    return parse_with(p);
}

static const struct {
    const char *keyword;
    enum status (*parse)(struct python_parser *p);
} compounds[] = {
    {"if", parse_if},   {"while", parse_while}, {"for", parse_for},
    {"try", parse_try}, {"with", parse_with},
};

static enum status parse_line(struct python_parser *p) {
    int line = p->tokens[p->at].line;
    if (p->tokens[p->at].type == PYTHON_INDENT) {
        return python_refuse(p, "Unexpected indent");
    }
    if (python_at(p, "@")) {
        return parse_decorated(p);
    }
    if (python_accept(p, "def")) {
        return parse_function(p, line, false);
    }
    if (python_accept(p, "class")) {
        return parse_class(p, line);
    }
    if (python_accept(p, "async")) {
        return parse_async(p, line);
    }
    for (size_t i = 0; i < COUNT_OF(compounds); i++) {
        if (python_accept(p, compounds[i].keyword)) {
            return compounds[i].parse(p);
        }
    }
    return at_match(p) ? parse_match(p) : python_simple_statements(p);
}

enum status python_statement(struct python_parser *p) {
    enum { STATEMENTS_DEEP = 300 }; // blocks cannot nest deeper: the tokenizer counts indents
    if (p->depth > STATEMENTS_DEEP) {
        return python_refuse(p, "Statements are nested too deeply");
    }
    p->depth++;
    enum status status = parse_line(p);
    p->depth--;
    return status;
}
