// SPDX-License-Identifier: MIT
// Values of names, followed one step: the reader has parsed the whole module and kept its tokens, so a
// value is looked at only when somebody asks for it. Conventions ask for one or two names of a file;
// everything else in it costs nothing. A value is JSON when all of it is literal, else a call when it is
// made by one, else an explanation:
//
//     plugin = create_plugin()                  the call in "return MountaineerPlugin(name=NAME)"
//     PLUGIN_META = dict(id="a", name=NAME)     JSON
//     PLUGIN_META = load("meta.json")           the call load(…), and why it is no literal
#include "schema/readers/python/python_literal.h"
#include "schema/readers/python/python_parse.h"
#include "schema/readers/python/python_source.h"

#include "schema/base/limits.h"
#include "schema/json/json.h"

#include <string.h>

// ---- what the top level binds: the last binding of a name counts ----

// The last one counts, as at run time.
const struct python_assignment *python_find_assignment(const struct python_module *module,
                                                       const char *name) {
    for (size_t i = module->assignment_count; i-- > 0;) {
        if (strcmp(module->assignments[i].name, name) == 0) {
            return &module->assignments[i];
        }
    }
    return NULL;
}

const struct python_class *python_find_class(const struct python_module *module, const char *name) {
    for (size_t i = module->class_count; i-- > 0;) {
        if (strcmp(module->classes[i].name, name) == 0) {
            return &module->classes[i];
        }
    }
    return NULL;
}

// By any statement that binds a name at the top level.
bool python_binds(const struct python_module *module, const char *name) {
    for (size_t i = 0; i < module->function_count; i++) {
        if (strcmp(module->functions[i].name, name) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < module->import_count; i++) {
        if (strcmp(module->imports[i], name) == 0) {
            return true;
        }
    }
    return python_find_assignment(module, name) || python_find_class(module, name);
}

static bool is_operator(const struct python_token *token, const char *text) {
    return token->type == PYTHON_OPERATOR && text_equals(token->text, text);
}

// ---- names and functions ----

// NULL when the name can be followed, else why not. The steps are bounded, so that a = b, b = a ends.
const char *python_follow_name(struct python_follow *follow, size_t token,
                               struct python_binding *ret_binding) {
    const struct python_module *module = follow->module;
    if (++follow->steps > PYTHON_STEPS_MAX) {
        return "too many names to follow";
    }
    struct python_binding binding = python_binding_of(module, token);
    if (!binding.count) {
        return "a name that this file does not bind";
    }
    if (binding.count > 1) {
        return "a name that is bound in more than one place";
    }
    if (binding.changed_line) {
        return "a name whose value is changed in place";
    }
    bool before = binding.first < token || binding.scope != python_scope_at(module, token);
    if (binding.first < binding.end && !before) {
        return "a name that is bound further down";
    }
    *ret_binding = binding;
    return NULL;
}

// Only functions of this file, called by their bare name.
const char *python_follow_call(struct python_follow *follow, size_t token,
                               struct python_span *ret_span) {
    const struct python_module *module = follow->module;
    const struct python_function *function = NULL;
    struct python_binding binding;
    for (size_t i = 0; i < module->function_count; i++) {
        bool same = text_equals(module->tokens[token].text, module->functions[i].name);
        function = same ? &module->functions[i] : function;
    }
    // Most calls are of imported names: no binding of theirs is looked for.
    if (!function || python_follow_name(follow, token, &binding) || binding.scope ||
        binding.first != binding.end) {
        return "not a literal";
    }
    if (follow->in_function) {
        return "a second function call";
    }
    *ret_span = (struct python_span){.tokens = module->tokens};
    return python_returned(module, function, &ret_span->first, &ret_span->end)
               ? NULL
               : "a function without a single plain return";
}

// ---- calls ----

struct argument_reader {
    struct arena *arena;
    const struct python_module *module;
    struct python_call *call; // whose arguments are read
    struct python_follow follow;
    struct error *err;
};

static struct python_argument *add_argument(struct argument_reader *r, const char *name, int line) {
    struct python_call *call = r->call;
    struct python_argument *items =
        python_grow(r->arena, call->arguments, call->argument_count, sizeof *items);
    if (!items) {
        return NULL;
    }
    call->arguments = items;
    items[call->argument_count] = (struct python_argument){.name = name, .line = line};
    return &items[call->argument_count++];
}

// Whether a token may stand in the name of a type: NAME . [ ] , | and None.
static bool is_of_type(const struct python_token *token) {
    if (token->type == PYTHON_NAME) {
        return !token->keyword || text_equals(token->text, "None");
    }
    return token->type == PYTHON_OPERATOR && token->text.len == 1 &&
           strchr(".[],|", token->text.ptr[0]);
}

// tokens[first..end) as the name of a type, in Python's usual spacing: "dict[str, Product]", "Product | None". NULL
// when they are anything else, or None alone. Only the tokens are looked at: the parser knows that they are an
// expression, so "." follows a name. Arena; NULL, too, when out of memory.
static const char *type_name(struct arena *arena, const struct python_token *tokens, size_t first,
                             size_t end) {
    scoped(buffer_done) struct buffer name;
    buffer_init(&name, LIMIT_PYTHON_BYTES);
    bool is_type = tokens[first].type == PYTHON_NAME && (end > first + 1 || !tokens[first].keyword);
    for (size_t i = first; is_type && i < end; i++) {
        is_type = is_of_type(&tokens[i]);
        bool is_bar = is_operator(&tokens[i], "|");
        buffer_add_string(&name, is_bar ? " " : "");
        buffer_add(&name, tokens[i].text.ptr, tokens[i].text.len);
        buffer_add_string(&name,
                          is_bar || (is_operator(&tokens[i], ",") && i + 1 < end) ? " " : "");
    }
    return is_type && !name.failed ? arena_copy(arena, name.ptr, name.len) : NULL;
}

// Each member of a literal dict is a keyword argument.
static enum status add_keywords(struct argument_reader *r, const char *json, int line) {
    json_auto_t *members = json_loads(json, 0, NULL);
    const char *key;
    json_t *value;
    json_object_foreach(members, key, value) {
        const char *name = arena_strdup(r->arena, key);
        struct python_argument *argument = name ? add_argument(r, name, line) : NULL;
        scoped(buffer_done) struct buffer text;
        buffer_init(&text, SIZE_MAX / 4);
        bool written = argument && json_write(&text, value, false) && !text.failed;
        if (!written || !(argument->json = arena_copy(r->arena, text.ptr, text.len))) {
            return fail_no_memory(r->err);
        }
    }
    r->call->more = r->call->more || !json_is_object(members);
    return STATUS_OK;
}

static enum status read_argument(struct argument_reader *r, size_t first, size_t end) {
    const struct python_token *token = &r->module->tokens[first];
    bool starred = is_operator(token, "*");
    bool unpacked = is_operator(token, "**");
    bool keyword = token->type == PYTHON_NAME && is_operator(token + 1, "=");
    const char *json;
    const char *why_not;
    first += starred || unpacked ? 1 : keyword ? 2 : 0;
    struct python_span span = {r->module->tokens, first, end};
    enum status status = python_literal_read(r->arena, &span, &r->follow, &json, &why_not, r->err);
    if (status) {
        return status;
    }
    if (unpacked && json) {
        return add_keywords(r, json, token->line);
    }
    r->call->more |= starred || unpacked;
    if (unpacked) {
        return STATUS_OK;
    }
    const char *name = keyword ? arena_copy(r->arena, token->text.ptr, token->text.len) : NULL;
    struct python_argument *argument = add_argument(r, name, token->line);
    if (!argument || (keyword && !name)) {
        return fail_no_memory(r->err);
    }
    argument->json = starred ? NULL : json;
    argument->type = starred ? NULL : type_name(r->arena, span.tokens, first, end);
    argument->why_not = starred ? "known only at run time" : why_not;
    return STATUS_OK;
}

// Behind the "(" at `at`: each argument ends at a comma outside brackets and parameters of a lambda.
// *ret_end is behind the ")".
static enum status read_arguments(struct argument_reader *r, size_t at, size_t *ret_end) {
    const struct python_token *tokens = r->module->tokens;
    size_t depth = 0;
    size_t lambdas = 0;
    size_t first = at;
    for (;; at++) {
        const struct python_token *token = &tokens[at];
        char c = token->type == PYTHON_OPERATOR ? token->text.ptr[0] : 0;
        bool closes = c == ')' || c == ']' || c == '}';
        bool ends = !depth && (closes || (c == ',' && !lambdas));
        if (ends && at > first) {
            enum status status = read_argument(r, first, at);
            if (status) {
                return status;
            }
        }
        if (ends && closes) {
            break;
        }
        first = ends ? at + 1 : first;
        lambdas += !depth && token->keyword && text_equals(token->text, "lambda");
        lambdas -= !depth && lambdas && is_operator(token, ":");
        depth += c == '(' || c == '[' || c == '{';
        depth -= closes;
    }
    *ret_end = at + 1;
    return STATUS_OK;
}

enum status python_call_read(struct arena *arena, const struct python_module *module, size_t first,
                             struct python_call *call, size_t *ret_end, struct error *err) {
    size_t open = first;
    while (!is_operator(&module->tokens[open], "(")) {
        open++;
    }
    struct argument_reader reader = {arena, module, call, {.module = module}, err};
    return read_arguments(&reader, open + 1, ret_end);
}

// The call that tokens[first..end) are as a whole: a dotted name and "(…)".
static enum status read_call(struct arena *arena, const struct python_module *module,
                             const struct python_span *span, struct python_value *value,
                             struct error *err) {
    size_t open = span->first;
    while (open < span->end && !is_operator(&span->tokens[open], "(")) {
        open++;
    }
    const char *callee =
        open < span->end ? python_dotted(arena, span->tokens, span->first, open) : NULL;
    if (!callee) {
        return STATUS_OK;
    }
    struct python_call *call = arena_alloc(arena, sizeof *call);
    if (!call) {
        return fail_no_memory(err);
    }
    *call = (struct python_call){.callee = callee, .line = span->tokens[span->first].line};
    size_t end;
    enum status status = python_call_read(arena, module, span->first, call, &end, err);
    if (status) {
        return status;
    }
    if (end == span->end) {
        value->call = call;
    }
    return status;
}

// ---- values ----

size_t python_behind_bracket(const struct python_token *tokens, size_t open) {
    size_t depth = 0;
    size_t at = open;
    do {
        char c = tokens[at].type == PYTHON_OPERATOR ? tokens[at].text.ptr[0] : 0;
        depth += c == '(' || c == '[' || c == '{';
        depth -= c == ')' || c == ']' || c == '}';
        at++;
    } while (depth);
    return at;
}

// Without the brackets around all of it.
static void strip_brackets(struct python_span *span) {
    while (span->end > span->first + 2 && is_operator(&span->tokens[span->first], "(") &&
           python_behind_bracket(span->tokens, span->first) == span->end) {
        span->first++;
        span->end--;
    }
}

void python_follow_maker(struct python_follow *follow, struct python_span *span) {
    struct python_binding binding;
    struct python_span returned;
    for (int step = 0; step < PYTHON_FOLLOW_DEPTH; step++) {
        strip_brackets(span);
        const struct python_token *first = &span->tokens[span->first];
        size_t len = span->end - span->first;
        if (first->type != PYTHON_NAME || first->keyword) {
            return;
        }
        if (len == 1 && !python_follow_name(follow, span->first, &binding) &&
            binding.first < binding.end) {
            *span = (struct python_span){span->tokens, binding.first, binding.end};
        } else if (len > 2 && is_operator(first + 1, "(") &&
                   python_behind_bracket(span->tokens, span->first + 1) == span->end &&
                   !python_follow_call(follow, span->first, &returned)) {
            follow->in_function = true;
            *span = returned;
        } else {
            return;
        }
    }
}

static enum status read_value(const struct python_module *module, struct python_span span,
                              struct python_value *value, struct error *err) {
    struct arena *arena = module->arena;
    struct python_follow follow = {.module = module};
    enum status status =
        python_literal_read(arena, &span, &follow, &value->json, &value->why_not, err);
    if (status || value->json) {
        return status;
    }
    follow = (struct python_follow){.module = module};
    python_follow_maker(&follow, &span);
    return read_call(arena, module, &span, value, err);
}

// The line that changes the value after its last assignment; 0 = none does. Most names of a manifest
// stand in the file once, attributes of the same spelling apart, so the bindings are looked for only when
// there is more than that.
static int changed_line(const struct python_module *module,
                        const struct python_assignment *assignment) {
    struct text name = text_from(assignment->name);
    size_t uses = 0;
    if (assignment->first == assignment->end) {
        return assignment->line;
    }
    for (size_t i = 0; i < module->scopes[0].end && uses < 2; i++) {
        const struct python_token *token = &module->tokens[i];
        uses += token->text.len == name.len && *token->text.ptr == *name.ptr &&
                memcmp(token->text.ptr, name.ptr, name.len) == 0 &&
                !(i && is_operator(token - 1, "."));
    }
    return uses > 1 ? python_binding_in(module, 0, name).changed_line : 0;
}

enum status python_value_read(const struct python_module *module, const char *name,
                              struct python_value *ret_value, struct error *err) {
    const struct python_assignment *assignment = python_find_assignment(module, name);
    struct python_value value = {0};
    if (!assignment) {
        *ret_value = value;
        return STATUS_OK;
    }
    value.line = assignment->line;
    int changed = changed_line(module, assignment);
    if (changed) {
        value.why_not = arena_printf(module->arena, "changed in place (line %d)", changed);
        *ret_value = value;
        return value.why_not ? STATUS_OK : fail_no_memory(err);
    }
    struct python_span span = {module->tokens, assignment->first, assignment->end};
    enum status status = read_value(module, span, &value, err);
    if (status) {
        return status;
    }
    *ret_value = value;
    return STATUS_OK;
}

enum status python_returned_read(const struct python_module *module,
                                 const struct python_function *function,
                                 struct python_value *ret_value, struct error *err) {
    struct python_value value = {0};
    struct python_span span = {.tokens = module->tokens};
    if (!python_returned(module, function, &span.first, &span.end)) {
        *ret_value = value;
        return STATUS_OK;
    }
    value.line = span.tokens[span.first].line;
    enum status status = read_value(module, span, &value, err);
    if (status) {
        return status;
    }
    *ret_value = value;
    return STATUS_OK;
}
