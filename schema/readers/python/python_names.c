// SPDX-License-Identifier: MIT
// A name may be followed only when its scope binds it in exactly one place. So this file counts
// bindings: one pass over the tokens of a scope, which decides for each occurrence of the name
// whether it is read, bound, or changed in place:
//
//     NAME = {...}          bound, with a value        NAME["a"] = 1     changed
//     a, NAME = f()         bound, without a value     NAME.update(...)  changed
//     f(NAME, NAME=NAME)    read                       x[NAME] = 1       read
//
// In doubt an occurrence is a binding: then the name is not followed, and the reader says so.
#include "schema/readers/python/python_names.h"

#include <string.h>

struct name_scan {
    const struct python_token *tokens;
    struct text name;                     // that is looked for
    struct python_binding found;          // the last binding so far
    size_t open[PYTHON_BRACKETS_MAX + 1]; // brackets around the token
    size_t depth;
    size_t start;    // of the statement
    size_t measured; // the statement whose "=" and end are known; SIZE_MAX = none
    size_t equal;    // its last "=" outside brackets; 0 = none
    size_t statement_end;
    bool binds;      // behind del, global, nonlocal, import: each name is bound
    bool in_targets; // between "for" and "in"
    bool in_lambda;  // between "lambda" and ":"
};

// In line: `text` is a literal, so the comparison is of a few bytes that the compiler knows.
static inline bool token_is(const struct python_token *token, const char *text) {
    return (token->type == PYTHON_OPERATOR || token->type == PYTHON_NAME) &&
           text_equals(token->text, text);
}

// The first byte decides nearly always; this runs for every token of a file.
static bool is_one_of(const struct python_token *token, const char *const *texts, size_t count) {
    bool is_word = token->type == PYTHON_OPERATOR || token->type == PYTHON_NAME;
    for (size_t i = 0; is_word && i < count; i++) {
        if (token->text.ptr[0] == texts[i][0] && text_equals(token->text, texts[i])) {
            return true;
        }
    }
    return false;
}
#define IS_ONE_OF(token, ...)                                                                      \
    is_one_of(token, (const char *const[]){__VA_ARGS__},                                           \
              sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static bool is_name(const struct python_token *token, struct text name) {
    return token->type == PYTHON_NAME && token->text.len == name.len &&
           memcmp(token->text.ptr, name.ptr, name.len) == 0;
}

static bool ends_statement(const struct python_token *token) {
    return token->type >= PYTHON_NEWLINE ||
           (token->type == PYTHON_OPERATOR && token->text.ptr[0] == ';');
}

// "+=" and its like. Comparisons and ":=" are none.
static bool is_augmented(const struct python_token *token) {
    struct text text = token->text;
    return token->type == PYTHON_OPERATOR && text.len >= 2 && text.ptr[text.len - 1] == '=' &&
           (!strchr("=!<>:", text.ptr[0]) || text.len == 3);
}

static int bracket_change(const struct python_token *token) {
    if (token->type != PYTHON_OPERATOR || token->text.len != 1) {
        return 0;
    }
    char c = token->text.ptr[0];
    return c == '(' || c == '[' || c == '{' ? 1 : c == ')' || c == ']' || c == '}' ? -1 : 0;
}

// ---- statements ----

static void begin_statement(struct name_scan *s, size_t start) {
    s->start = start;
    s->depth = 0;
    s->binds = false;
    s->in_targets = false;
    s->in_lambda = false;
}

// Finds the last "=" of the statement and its end. An augmented operator counts as "=".
static void measure_statement(struct name_scan *s) {
    int depth = 0;
    size_t at = s->start;
    if (s->measured == s->start) {
        return;
    }
    s->measured = s->start;
    s->equal = 0;
    for (; !ends_statement(&s->tokens[at]); at++) {
        const struct python_token *token = &s->tokens[at];
        depth += bracket_change(token);
        bool equal = depth == 0 && (token_is(token, "=") || is_augmented(token));
        s->equal = equal ? at : s->equal;
    }
    s->statement_end = at;
}

static bool is_compound(const struct python_token *token) {
    return IS_ONE_OF(token, "if", "while", "for", "with", "try", "else", "elif", "except",
                     "finally", "class", "def", "async");
}

// ---- one occurrence ----

static void bind(struct name_scan *s, size_t first, size_t end) {
    s->found.count++;
    s->found.first = first;
    s->found.end = end;
    s->found.changed_line = 0;
}

static void change(struct name_scan *s, size_t at) {
    if (!s->found.changed_line) {
        s->found.changed_line = s->tokens[at].line;
    }
}

static bool calls_a_change(const struct python_token *dot) {
    return token_is(dot, ".") && token_is(dot + 2, "(") &&
           IS_ONE_OF(dot + 1, "update", "pop", "popitem", "clear", "setdefault", "append", "extend",
                     "insert", "remove", "sort", "reverse", "__setitem__", "__delitem__");
}

// Whether the innermost bracket around `at` is a subscript or the arguments of a call.
static bool in_arguments(const struct name_scan *s) {
    size_t open = s->depth ? s->open[s->depth - 1] : 0;
    if (!open || token_is(&s->tokens[open], "{")) {
        return false;
    }
    const struct python_token *before = &s->tokens[open - 1];
    return (before->type == PYTHON_NAME && !before->keyword) || before->type == PYTHON_STRING ||
           IS_ONE_OF(before, ")", "]", "}");
}

// An occurrence to the left of "=".
static void meet_target(struct name_scan *s, size_t at) {
    const struct python_token *next = &s->tokens[at + 1];
    const struct python_token *before = at ? &s->tokens[at - 1] : NULL;
    bool compound = is_compound(&s->tokens[s->start]);
    bool annotated = at == s->start && token_is(next, ":");
    bool begins = at == s->start || token_is(before, "=") || (compound && token_is(before, ":"));
    if (in_arguments(s)) {
        return;
    }
    if (s->depth == 0 && begins && (annotated || token_is(next, "="))) {
        bind(s, s->equal + 1, s->statement_end);
    } else if (s->depth == 0 && begins && (token_is(next, "[") || token_is(next, "."))) {
        change(s, at);
    } else if (s->depth || begins || !token_is(before, ":")) { // behind ":" is the annotation
        bind(s, at, at);
    }
}

// Whether this use of the name binds it. Bindings are: a target of =, for, with … as, import … as, def, class,
// del, a pattern of case, and := anywhere. `obj.NAME` is an attribute and binds nothing.
static void meet_name(struct name_scan *s, size_t at) {
    const struct python_token *before = at ? &s->tokens[at - 1] : NULL;
    const struct python_token *next = &s->tokens[at + 1];
    const struct python_token *open = s->depth ? &s->tokens[s->open[s->depth - 1]] : NULL;
    if (before && token_is(before, ".")) {
        return; // an attribute
    }
    if (s->binds && token_is(next, "[")) {
        change(s, at); // del NAME[…]
        return;
    }
    bool named = before && IS_ONE_OF(before, "as", "def", "class");
    bool grouped = open && s->open[s->depth - 1] && token_is(open - 1, "as"); // as (a, NAME)
    bool soft = at > s->start && IS_ONE_OF(&s->tokens[s->start], "case", "type") &&
                !IS_ONE_OF(&s->tokens[s->start + 1], "=", ".", "(", ":");
    if (s->binds || s->in_targets || s->in_lambda || named || grouped || soft ||
        token_is(next, ":=")) {
        bind(s, at, at);
        return;
    }
    if (calls_a_change(next)) {
        change(s, at);
        return;
    }
    if (s->depth && token_is(next, "=")) {
        return; // a keyword
    }
    measure_statement(s);
    if (at < s->equal) {
        meet_target(s, at);
    }
}

// ---- the pass ----

// Follows brackets, keywords and the ends of statements, so that meet_name knows where a name stands.
static void meet_token(struct name_scan *s, size_t at) {
    const struct python_token *token = &s->tokens[at];
    if (ends_statement(token)) {
        begin_statement(s, at + 1);
        return;
    }
    if (token->type == PYTHON_OPERATOR) {
        int step = bracket_change(token);
        if (step > 0 && s->depth < PYTHON_BRACKETS_MAX) {
            s->open[s->depth++] = at;
        }
        s->depth -= step < 0 && s->depth;
        s->in_lambda = s->in_lambda && !token_is(token, ":");
    } else if (token->keyword) {
        s->binds = s->binds || IS_ONE_OF(token, "del", "global", "nonlocal", "import");
        s->in_targets = (s->in_targets || token_is(token, "for")) && !token_is(token, "in");
        s->in_lambda = s->in_lambda || token_is(token, "lambda");
    } else if (is_name(token, s->name)) {
        meet_name(s, at);
    }
}

// A body inside the scope has names of its own, but may say that it binds an outer one.
static void meet_inner(struct name_scan *s, size_t first, size_t end) {
    bool outer = false;
    for (size_t at = first; at < end; at++) {
        const struct python_token *token = &s->tokens[at];
        outer = (outer && !ends_statement(token)) ||
                (token->keyword && IS_ONE_OF(token, "global", "nonlocal"));
        if (outer && is_name(token, s->name)) {
            bind(s, at, at);
        }
    }
}

static void meet_parameters(struct name_scan *s, const struct python_scope *scope) {
    for (size_t at = scope->parameters; at < scope->body; at++) {
        if (is_name(&s->tokens[at], s->name) &&
            IS_ONE_OF(&s->tokens[at - 1], "(", ",", "*", "**", "[")) {
            bind(s, at, at);
        }
    }
}

// Inner functions and classes are passed over: their names are their own.
struct python_binding python_binding_in(const struct python_module *module, size_t scope,
                                        struct text name) {
    struct name_scan s = {.tokens = module->tokens, .name = name, .measured = SIZE_MAX};
    const struct python_scope *scopes = module->scopes;
    size_t at = scopes[scope].body;
    size_t inner = scope + 1;
    s.found.scope = scope;
    if (scope) {
        meet_parameters(&s, &scopes[scope]);
        at++;
    }
    begin_statement(&s, at);
    while (at < scopes[scope].end) {
        while (inner < module->scope_count && scopes[inner].body < at) {
            inner++; // deeper than one level
        }
        if (inner < module->scope_count && scopes[inner].body == at) {
            meet_inner(&s, at, scopes[inner].end);
            at = scopes[inner].end;
            begin_statement(&s, at);
            continue;
        }
        meet_token(&s, at++);
    }
    return s.found;
}

size_t python_scope_at(const struct python_module *module, size_t token) {
    size_t innermost = 0;
    for (size_t i = 1; i < module->scope_count && module->scopes[i].body <= token; i++) {
        innermost = token < module->scopes[i].end ? i : innermost;
    }
    return innermost;
}

// Python's rule: the own scope, then the functions around, then the module. Classes around are not looked in.
struct python_binding python_binding_of(const struct python_module *module, size_t token) {
    struct text name = module->tokens[token].text;
    size_t scope = python_scope_at(module, token);
    struct python_binding binding = python_binding_in(module, scope, name);
    while (!binding.count && scope) {
        scope = module->scopes[scope].parent;
        bool visible = !scope || module->scopes[scope].is_function;
        binding = visible ? python_binding_in(module, scope, name) : binding;
    }
    return binding;
}

// Exactly one return, at the level of the function's body: any other function needs running.
bool python_returned(const struct python_module *module, const struct python_function *function,
                     size_t *ret_first, size_t *ret_end) {
    const struct python_scope *scope = &module->scopes[function->scope];
    size_t inner = function->scope + 1;
    size_t found = 0;
    int indents = 0;
    for (size_t at = scope->body + 1; at < scope->end; at++) {
        const struct python_token *token = &module->tokens[at];
        while (inner < module->scope_count && module->scopes[inner].body < at) {
            inner++;
        }
        if (inner < module->scope_count && module->scopes[inner].body == at) {
            at = module->scopes[inner].end - 1;
            continue;
        }
        indents += (token->type == PYTHON_INDENT) - (token->type == PYTHON_DEDENT);
        if (token->keyword && token_is(token, "yield")) {
            return false;
        }
        if (token->keyword && token_is(token, "return")) {
            if (found || indents > 1) {
                return false;
            }
            found = at + 1;
        }
    }
    size_t end = found;
    while (found && !ends_statement(&module->tokens[end])) {
        end++;
    }
    *ret_first = found;
    *ret_end = end;
    return end > found && !function->is_async && !function->is_decorated;
}
