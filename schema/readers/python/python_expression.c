// SPDX-License-Identifier: MIT
// Recognising expressions: the grammar of Python with one level for all binary operators, because
// what is computed does not matter here. Recursion is counted, so that a hostile file is refused
// instead of running out of stack.
//
// The comments give the productions of "Full Grammar specification" in the Python reference that a function
// parses. Binary operators have no levels here, so "a + b * c < d" is one row of operands. What an expression
// can be assigned to is still needed ("f() = 1" is no Python): its shape is returned.
#include "schema/readers/python/python_parse.h"
#include "schema/readers/python/python_source.h"

#include <string.h>

enum { DEPTH_MAX = 1000 }; // CPython's parser stops at 6000; brackets alone stop at 200

static enum status parse_disjunction(struct python_parser *p, enum python_shape *ret_shape);
static enum status parse_comparison(struct python_parser *p, enum python_shape *ret_shape);
static enum status parse_operand(struct python_parser *p, enum python_shape *ret_shape);

static bool at_any(const struct python_parser *p, const char *const *texts, size_t count) {
    const struct python_token *token = &p->tokens[p->at];
    bool word = token->type == PYTHON_OPERATOR || token->keyword; // nothing else is asked for
    for (size_t i = 0; word && i < count; i++) {
        if (*texts[i] == *token->text.ptr && text_equals(token->text, texts[i])) {
            return true;
        }
    }
    return false;
}
#define AT_ANY(p, ...)                                                                             \
    at_any(p, (const char *const[]){__VA_ARGS__},                                                  \
           sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static enum status enter(struct python_parser *p) {
    return ++p->depth > DEPTH_MAX ? python_refuse(p, "This expression is nested too deeply")
                                  : STATUS_OK;
}

// ---- comprehensions, displays, arguments ----

// for_if_clause: ["async"] "for" targets "in" disjunction ("if" disjunction)*    behind an element
static enum status parse_comprehension(struct python_parser *p) {
    enum status status = STATUS_OK;
    enum python_shape shape = SHAPE_OTHER;
    while (status == STATUS_OK && AT_ANY(p, "for", "async")) {
        python_accept(p, "async");
        status = python_expect(p, "for");
        if (status) {
            return status;
        }
        status = python_targets(p);
        if (status) {
            return status;
        }
        status = python_expect(p, "in");
        if (status) {
            return status;
        }
        status = parse_disjunction(p, &shape);
        while (status == STATUS_OK && python_accept(p, "if")) {
            bool lambda = python_at(p, "lambda");
            status = lambda ? python_expression(p, &shape) : parse_disjunction(p, &shape);
            if (status) {
                return status;
            }
            if (python_accept(p, ":=")) {
                status = python_expression(p, &shape);
            }
        }
    }
    return status;
}

// *x: a target when x is one.
static enum status parse_starred(struct python_parser *p, enum python_shape *ret_shape) {
    p->at++;
    enum status status = parse_comparison(p, ret_shape);
    *ret_shape = *ret_shape == SHAPE_TARGET ? SHAPE_STARRED : SHAPE_OTHER;
    return status;
}

// One element of a display: *x, **x (in braces), x, x := y, key: value.
static enum status parse_element(struct python_parser *p, bool braces, enum python_shape *shape) {
    *shape = SHAPE_OTHER;
    if (braces && python_accept(p, "**")) {
        return parse_comparison(p, shape);
    }
    if (python_at(p, "*")) {
        return parse_starred(p, shape);
    }
    enum status status = python_expression(p, shape);
    if (status) {
        return status;
    }
    if (python_accept(p, ":=")) {
        *shape = SHAPE_OTHER;
        enum python_shape ignored;
        return python_expression(p, &ignored);
    }
    if (status) {
        return status;
    }
    if (braces && python_accept(p, ":")) {
        return python_expression(p, shape);
    }
    return status;
}

// Behind an opening bracket, up to and with the closing one.
static enum status parse_display(struct python_parser *p, const char *close,
                                 enum python_shape *ret_shape) {
    bool braces = *close == '}';
    bool targets = !braces;
    bool comma = true;
    enum status status = STATUS_OK;
    if (*close == ')' && python_at(p, "yield")) {
        *ret_shape = SHAPE_OTHER;
        status = python_yield(p);
        if (status) {
            return status;
        }
        return python_expect(p, close);
    }
    while (!python_accept(p, close)) {
        enum python_shape shape = SHAPE_OTHER;
        status = comma ? parse_element(p, braces, &shape) : python_expect(p, close);
        if (status) {
            return status;
        }
        targets = targets && shape != SHAPE_OTHER;
        if (AT_ANY(p, "for", "async")) {
            targets = false;
            status = parse_comprehension(p);
            if (status) {
                return status;
            }
            status = python_expect(p, close);
            break;
        }
        comma = python_accept(p, ",");
    }
    *ret_shape = targets ? SHAPE_TARGET : SHAPE_OTHER;
    return status;
}

// argument: "*" expression | "**" expression | NAME "=" expression | named_expression [comprehension]
static enum status parse_argument(struct python_parser *p) {
    enum python_shape shape = SHAPE_OTHER;
    if (python_accept(p, "*") || python_accept(p, "**")) {
        return python_expression(p, &shape);
    }
    const struct python_token *next = &p->tokens[p->at + 1];
    if (python_at_name(p) && next->type == PYTHON_OPERATOR && text_equals(next->text, "=")) {
        p->at += 2;
        return python_expression(p, &shape);
    }
    enum status status = python_named_expression(p);
    if (status) {
        return status;
    }
    return parse_comprehension(p);
}

// arguments: argument ("," argument)* [","] ")"
enum status python_arguments(struct python_parser *p) {
    bool comma = true;
    while (!python_accept(p, ")")) {
        enum status status = comma ? parse_argument(p) : python_expect(p, ")");
        if (status) {
            return status;
        }
        comma = python_accept(p, ",");
    }
    return STATUS_OK;
}

// One of "a", "*a", "a:b:c", with any part left out.
static enum status parse_slice(struct python_parser *p) {
    enum python_shape shape = SHAPE_OTHER;
    enum status status = STATUS_OK;
    if (python_at(p, "*")) {
        status = parse_starred(p, &shape);
    } else if (!AT_ANY(p, ":", ",", "]")) {
        status = python_named_expression(p);
    }
    while (status == STATUS_OK && python_accept(p, ":")) {
        status = AT_ANY(p, ":", ",", "]") ? STATUS_OK : python_expression(p, &shape);
    }
    return status;
}

// slices: slice ("," slice)* [","] "]"    x[1:2, ..., *rest]
static enum status parse_slices(struct python_parser *p) {
    bool comma = true;
    if (python_at(p, "]")) {
        return python_refuse(p, "Expected a subscript");
    }
    while (!python_accept(p, "]")) {
        enum status status = comma ? parse_slice(p) : python_expect(p, "]");
        if (status) {
            return status;
        }
        comma = python_accept(p, ",");
    }
    return STATUS_OK;
}

// ---- atoms and what follows them ----

// Strings side by side are one; text and bytes do not mix.
static enum status parse_strings(struct python_parser *p) {
    int kinds = 0;
    for (; p->tokens[p->at].type == PYTHON_STRING; p->at++) {
        struct text text = p->tokens[p->at].text;
        size_t prefix = strcspn(text.ptr, "\"'");
        kinds |= memchr(text.ptr, 'b', prefix) || memchr(text.ptr, 'B', prefix) ? 1 : 2;
    }
    return kinds == 3 ? python_refuse(p, "Bytes and text literals cannot be joined") : STATUS_OK;
}

// atom: NAME | NUMBER | strings | "..." | "(" … ")" | "[" … "]" | "{" … "}"
static enum status parse_atom(struct python_parser *p, enum python_shape *ret_shape) {
    const struct python_token *token = &p->tokens[p->at];
    *ret_shape = SHAPE_OTHER;
    if (token->type == PYTHON_STRING) {
        return parse_strings(p);
    }
    if (token->type == PYTHON_NUMBER || AT_ANY(p, "None", "True", "False", "...")) {
        p->at++;
        return STATUS_OK;
    }
    if (python_at_name(p)) {
        p->at++;
        *ret_shape = SHAPE_TARGET;
        return STATUS_OK;
    }
    const char *close = python_accept(p, "(")   ? ")"
                        : python_accept(p, "[") ? "]"
                        : python_accept(p, "{") ? "}"
                                                : NULL;
    return close ? parse_display(p, close, ret_shape) : python_refuse(p, "Expected an expression");
}

static bool is_asked_for(const struct python_parser *p, struct text callee) {
    for (size_t i = 0; p->options && i < p->options->calls_of_count; i++) {
        if (text_equals(callee, p->options->calls_of[i])) {
            return true;
        }
    }
    return false;
}

// Keeps the call at tokens[first..p->at), whose "(" is next, when it is one that is asked for. Its
// arguments are read at the end of the module, when all names are known.
static enum status keep_call(struct python_parser *p, size_t first) {
    struct python_class *class = p->class;
    if (!class || !is_asked_for(p, p->tokens[p->at - 1].text)) {
        return STATUS_OK;
    }
    const char *callee = python_dotted(p->arena, p->tokens, first, p->at);
    if (!callee) {
        return STATUS_OK;
    }
    struct python_call *calls =
        python_grow(p->arena, class->calls, class->call_count, sizeof *calls);
    if (!calls) {
        return fail_no_memory(p->err);
    }
    class->calls = calls;
    calls[class->call_count++] =
        (struct python_call){.callee = callee, .line = p->tokens[first].line, .first = first};
    return STATUS_OK;
}

// primary: atom ("." NAME | "(" arguments | "[" slices)*    self.http.add_endpoint("/a")[0]
static enum status parse_primary(struct python_parser *p, enum python_shape *ret_shape) {
    size_t first = p->at;
    enum status status = parse_atom(p, ret_shape);
    while (status == STATUS_OK) {
        if (python_at(p, "(")) {
            status = keep_call(p, first);
            p->at++;
            *ret_shape = SHAPE_OTHER;
            if (status) {
                return status;
            }
            status = python_arguments(p);
        } else if (python_accept(p, "[")) {
            *ret_shape = SHAPE_TARGET;
            status = parse_slices(p);
        } else if (python_accept(p, ".")) {
            *ret_shape = SHAPE_TARGET;
            status = python_at_name(p) ? STATUS_OK : python_refuse(p, "A name must follow the dot");
            p->at++;
        } else {
            break;
        }
    }
    return status;
}

// ---- operators ----

// await x ** y, without a sign before it.
static enum status parse_power(struct python_parser *p, enum python_shape *ret_shape) {
    bool computed = python_accept(p, "await");
    enum status status = parse_primary(p, ret_shape);
    if (status) {
        return status;
    }
    if (python_accept(p, "**")) {
        status = parse_operand(p, ret_shape);
        computed = true;
    }
    *ret_shape = computed ? SHAPE_OTHER : *ret_shape;
    return status;
}

// factor: ("+" | "-" | "~")* power
static enum status parse_operand(struct python_parser *p, enum python_shape *ret_shape) {
    enum status status = enter(p);
    if (status) {
        return status;
    }
    if (AT_ANY(p, "+", "-", "~")) {
        p->at++;
        status = parse_operand(p, ret_shape);
        *ret_shape = SHAPE_OTHER;
    } else {
        status = parse_power(p, ret_shape);
    }
    p->depth--;
    return status;
}

// A comparison or any arithmetic: operands with binary operators between.
static bool accept_binary(struct python_parser *p) {
    const struct python_token *token = &p->tokens[p->at];
    if (token->type != PYTHON_OPERATOR ? !token->keyword
                                       : strchr("()[]{},:.;", *token->text.ptr) != NULL) {
        return false; // what mostly follows an operand
    }
    if (AT_ANY(p, "+", "-", "*", "/", "//", "%", "@", "&", "|", "^", "<<", ">>", "<", ">",
               "==", "!=", "<=", ">=", "in")) {
        p->at++;
        return true;
    }
    if (python_accept(p, "is")) {
        python_accept(p, "not");
        return true;
    }
    const struct python_token *next = &p->tokens[p->at + 1];
    if (python_at(p, "not") && next->type == PYTHON_NAME && text_equals(next->text, "in")) {
        p->at += 2;
        return true;
    }
    return false;
}

static enum status parse_comparison(struct python_parser *p, enum python_shape *ret_shape) {
    enum status status = parse_operand(p, ret_shape);
    while (status == STATUS_OK && accept_binary(p)) {
        status = parse_operand(p, ret_shape);
        *ret_shape = SHAPE_OTHER;
    }
    return status;
}

// disjunction: ["not"] comparison (("or" | "and") ["not"] comparison)*
static enum status parse_disjunction(struct python_parser *p, enum python_shape *ret_shape) {
    bool simple = true;
    enum status status = STATUS_OK;
    do {
        while (python_accept(p, "not")) {
            simple = false;
        }
        status = parse_comparison(p, ret_shape);
    } while (status == STATUS_OK && (python_accept(p, "and") || python_accept(p, "or")) &&
             !(simple = false));
    if (!simple) {
        *ret_shape = SHAPE_OTHER;
    }
    return status;
}

// lambdef: "lambda" [params] ":" expression
static enum status parse_lambda(struct python_parser *p) {
    enum python_shape shape = SHAPE_OTHER;
    enum status status = python_parameters(p, ":", NULL);
    if (status) {
        return status;
    }
    status = python_expect(p, ":");
    if (status) {
        return status;
    }
    return python_expression(p, &shape);
}

// expression: disjunction ["if" disjunction "else" expression] | lambdef
enum status python_expression(struct python_parser *p, enum python_shape *ret_shape) {
    enum status status = enter(p);
    if (status) {
        return status;
    }
    if (python_accept(p, "lambda")) {
        *ret_shape = SHAPE_OTHER;
        status = parse_lambda(p);
        p->depth--;
        return status;
    }
    if (status) {
        return status;
    }
    status = parse_disjunction(p, ret_shape);
    if (status) {
        return status;
    }
    if (python_accept(p, "if")) {
        status = parse_disjunction(p, ret_shape);
        if (status) {
            return status;
        }
        status = python_expect(p, "else");
        if (status) {
            return status;
        }
        status = python_expression(p, ret_shape);
        *ret_shape = SHAPE_OTHER;
    }
    p->depth--;
    return status;
}

// named_expression: NAME ":=" expression | expression (PEP 572)
enum status python_named_expression(struct python_parser *p) {
    enum python_shape shape = SHAPE_OTHER;
    enum status status = python_expression(p, &shape);
    return status == STATUS_OK && python_accept(p, ":=") ? python_expression(p, &shape) : status;
}

enum status python_target(struct python_parser *p, enum python_shape *ret_shape) {
    bool starred = python_accept(p, "*");
    enum status status = parse_operand(p, ret_shape);
    if (starred && *ret_shape == SHAPE_TARGET) {
        *ret_shape = SHAPE_STARRED;
    }
    return status;
}

enum status python_targets(struct python_parser *p) {
    enum status status;
    do {
        enum python_shape shape = SHAPE_OTHER;
        status = python_target(p, &shape);
        if (status) {
            return status;
        }
        if (shape == SHAPE_OTHER) {
            status = python_refuse(p, "This cannot be assigned to");
        }
    } while (status == STATUS_OK && python_accept(p, ",") && !AT_ANY(p, "in", "=", ":"));
    return status;
}

// Where an expression list may end behind a comma.
static bool at_list_end(const struct python_parser *p) {
    return p->tokens[p->at].type == PYTHON_NEWLINE || AT_ANY(p, "=", ";", ":", ")", "]", "}");
}

// star_expressions: ("*"? expression) ("," "*"? expression)* [","]    1, *rest
enum status python_expressions(struct python_parser *p, enum python_shape *ret_shape) {
    bool tuple = false;
    bool targets = true;
    enum status status;
    enum python_shape shape = SHAPE_OTHER;
    do {
        status = python_at(p, "*") ? parse_starred(p, &shape) : python_expression(p, &shape);
        targets = targets && shape != SHAPE_OTHER;
        tuple = tuple || python_at(p, ",");
    } while (status == STATUS_OK && python_accept(p, ",") && !at_list_end(p));
    *ret_shape = !targets                           ? SHAPE_OTHER
                 : shape == SHAPE_STARRED && !tuple ? SHAPE_STARRED
                                                    : SHAPE_TARGET;
    return status;
}

// yield_expr: "yield" "from" expression | "yield" [expressions]
enum status python_yield(struct python_parser *p) {
    enum python_shape shape = SHAPE_OTHER;
    enum status status = python_expect(p, "yield");
    if (status) {
        return status;
    }
    if (python_accept(p, "from")) {
        return python_expression(p, &shape);
    }
    return status || at_list_end(p) ? status : python_expressions(p, &shape);
}
