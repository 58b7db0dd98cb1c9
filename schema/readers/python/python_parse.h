// SPDX-License-Identifier: MIT
// The state that the parts of the Python parser share: expressions (python_expression.c) are only
// recognised, statements (python_statement.c) also leave facts in the module. Inner header of
// the parser.
#pragma once

#include "schema/readers/python/python_module.h"
#include "schema/readers/python/python_token.h"

// What an expression is, as far as statements care.
enum python_shape {
    SHAPE_OTHER,   // anything that is no target
    SHAPE_TARGET,  // name, attribute, subscript, or a tuple or list of targets
    SHAPE_STARRED, // *target
};

// A function or class; scope 0 is the module. In the order of the source, so a scope stands behind
// the one that holds it.
struct python_scope {
    bool is_function;  // names in it are not the module's
    size_t parent;     // index of the scope around it
    size_t parameters; // the token after the name: "(", "[" or ":"
    size_t body;       // the ":" before the body
    size_t end;        // the token behind the body
};

struct python_source_options; // python_source.h

struct python_parser {
    struct arena *arena;
    const char *path; // for messages
    const struct python_token *tokens;
    size_t at; // index of the next token
    int depth; // of recursion; bounded so that no input can exhaust the stack
    struct error *err;

    // what statements collect into
    struct python_module *module;
    struct python_class *class;                  // whose body is being read, or NULL
    bool in_function;                            // facts of a function's body are not kept
    bool conditional;                            // whether what is read now may not be executed
    bool decorated;                              // the next def
    size_t scope;                                // being read
    const struct python_source_options *options; // which calls are kept; NULL: none
};

// ---- looking at tokens ----
// At an operator or a word. Here and inline, so that a literal is compared in a few instructions.
static inline bool python_at(const struct python_parser *p, const char *text) {
    const struct python_token *token = &p->tokens[p->at];
    return (token->type == PYTHON_OPERATOR || token->type == PYTHON_NAME) &&
           text_equals(token->text, text);
}

static inline bool python_accept(struct python_parser *p, const char *text) {
    bool found = python_at(p, text);
    p->at += found;
    return found;
}

// At an identifier that is no keyword.
static inline bool python_at_name(const struct python_parser *p) {
    const struct python_token *token = &p->tokens[p->at];
    return token->type == PYTHON_NAME && !token->keyword;
}

enum status python_expect(struct python_parser *p, const char *text);
enum status python_refuse(const struct python_parser *p, const char *message);
const char *python_copy(struct python_parser *p, struct text text); // arena

// Room for one more element in an arena array that doubles. NULL = out of memory.
void *python_grow(struct arena *arena, void *items, size_t count, size_t size);

// ---- expressions ----
enum status python_expression(struct python_parser *p, enum python_shape *ret_shape);
enum status python_named_expression(struct python_parser *p);                          // with ':='
enum status python_expressions(struct python_parser *p, enum python_shape *ret_shape); // a, *b, …
enum status python_target(struct python_parser *p, enum python_shape *ret_shape); // no operators
enum status python_targets(struct python_parser *p);                              // of for, in
enum status python_yield(struct python_parser *p);

// Parameters up to `close` (")" or ":"), which is not taken. `function` NULL = not kept.
enum status python_parameters(struct python_parser *p, const char *close,
                              struct python_function *function);

// The arguments of a call, behind "(" up to and with ")".
enum status python_arguments(struct python_parser *p);

// A dotted name at tokens[first..end), or NULL when it is something else. Arena.
const char *python_dotted(struct arena *arena, const struct python_token *tokens, size_t first,
                          size_t end);

// Reads the arguments of the call whose first token is `first`; *ret_end is behind its ")". Fails
// with: NO_MEMORY.
enum status python_call_read(struct arena *arena, const struct python_module *module, size_t first,
                             struct python_call *call, size_t *ret_end, struct error *err);

// ---- statements ----
// The simple statements of one logical line, with its NEWLINE. Assignments at module level are
// kept.
enum status python_simple_statements(struct python_parser *p);

// "[T, *Ts, **P]" of def, class and type, when it stands there.
enum status python_type_parameters(struct python_parser *p);

// One statement of any kind, with its NEWLINE or its body.
enum status python_statement(struct python_parser *p);

// Begins a scope inside the one being read; its body and end follow when they are known.
enum status python_open_scope(struct python_parser *p, bool is_function);
