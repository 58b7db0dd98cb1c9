// SPDX-License-Identifier: MIT
// Checking a value: goes through the keywords of a schema, counts steps and depth, and reports mistakes.
//
// A mistake is reported where it is found, with two exceptions. Where only yes or no is wanted (`not`, `if`, `contains`), it
// is ignored. In `anyOf` and `oneOf` each alternative notes its deepest mistake, and when all fail the deepest of all is
// reported: the alternative that the author meant is most often the one that came furthest.
#include "schema/json_schema/json_schema_check.h"

#include "schema/base/quote.h"
#include "schema/json/json.h"

#include <stdio.h>
#include <string.h>

static int speaks_of(const json_t *value) {
    switch (json_typeof(value)) {
    case JSON_STRING:
        return SPEAKS_OF_STRINGS;
    case JSON_INTEGER:
    case JSON_REAL:
        return SPEAKS_OF_NUMBERS;
    case JSON_ARRAY:
        return SPEAKS_OF_ARRAYS;
    case JSON_OBJECT:
        return SPEAKS_OF_OBJECTS;
    default:
        return 0;
    }
}

bool schema_spend(struct schema_check *check, size_t count) {
    check->steps = check->steps > count ? check->steps - count : 0;
    return check->steps > 0;
}

static const char *pointer_of(struct schema_check *check, const struct schema_spot *spot) {
    if (!spot->parent) {
        return check->where;
    }
    const char *parent = pointer_of(check, spot->parent);
    if (spot->is_key) {
        return parent;
    }
    return spot->key ? json_pointer(check->arena, parent, spot->key)
                     : json_pointer_index(check->arena, parent, spot->index);
}

static size_t depth_of(const struct schema_spot *spot) {
    size_t depth = 0;
    for (; spot->parent; spot = spot->parent) {
        depth++;
    }
    return depth;
}

// Writing a mistake down costs as much as looking at this many values: bad values must not be dearer than good ones.
enum { STEPS_OF_A_MISTAKE = 50 };

static bool is_wanted(const struct schema_mistake *quiet, const struct schema_spot *spot) {
    return !quiet || (!quiet->is_ignored && (!quiet->where || depth_of(spot) > quiet->depth));
}

// Keeps the mistake for the end of the alternatives.
static void note(struct schema_check *check, const struct schema_spot *spot, const char *message) {
    struct schema_mistake *mistake = check->quiet;
    mistake->where = pointer_of(check, spot);
    mistake->message = arena_strdup(check->arena, message);
    mistake->depth = depth_of(spot);
    check->no_memory = check->no_memory || !mistake->message;
}

bool schema_refuses(struct schema_check *check, const struct schema_use *use,
                    const struct schema_spot *spot, const char *format, ...) {
    char message[600] = "";
    char hint[300];
    va_list args;
    if (!is_wanted(check->quiet, spot) || !schema_spend(check, STEPS_OF_A_MISTAKE)) {
        return false;
    }
    int len = spot->is_key
                  ? snprintf(message, 80, "The key %s: ", quote_text(text_from(spot->key)).text)
                  : 0;
    va_start(args, format);
    vsnprintf(message + len, sizeof message - (size_t)len, format, args);
    va_end(args);
    if (check->quiet) {
        note(check, spot, message);
        return false;
    }
    if (use) {
        snprintf(hint, sizeof hint, "The schema says so at \"%s/%s\"", use->node->pointer,
                 use->keyword->name);
    }
    findings_add(check->findings, SEVERITY_ERROR, "schema-mismatch", pointer_of(check, spot),
                 use ? hint : NULL, "%s", message);
    return false;
}

static struct schema_marks *marks_new(struct schema_check *check, const json_t *value,
                                      struct schema_marks *marks) {
    marks->count = json_is_array(value) ? json_array_size(value) : json_object_size(value);
    marks->seen = arena_array(check->arena, marks->count + 1, sizeof *marks->seen);
    if (!marks->seen) {
        check->no_memory = true;
        marks->count = 0;
        return NULL;
    }
    schema_spend(check, marks->count / 16);
    return marks;
}

static void marks_merge(struct schema_marks *into, const struct schema_marks *from) {
    for (size_t i = 0; i < from->count; i++) {
        into->seen[i] = into->seen[i] || from->seen[i];
    }
}

static bool run_uses(struct schema_check *check, const struct schema_node *node,
                     const struct schema_spot *spot, struct schema_marks *marks) {
    int kind = speaks_of(spot->value) | SPEAKS_OF_ALL;
    bool accepts = true;
    for (size_t i = 0; i < node->use_count; i++) {
        const struct schema_use *use = &node->uses[i];
        if (!(use->keyword->speaks_of & kind) || !use->keyword->evaluate) {
            continue;
        }
        if (!schema_spend(check, 1) || check->no_memory || check->is_too_deep) {
            return false;
        }
        accepts = use->keyword->evaluate(check, use, spot, marks) && accepts;
        if (!accepts && check->quiet) {
            return false;
        }
    }
    return accepts;
}

// The marks of a schema count for the schema around it only when it accepts.
static bool run_node(struct schema_check *check, const struct schema_node *node,
                     const struct schema_spot *spot, struct schema_marks *outer) {
    struct schema_marks own = {NULL, 0};
    struct schema_marks *marks =
        outer || node->is_marking ? marks_new(check, spot->value, &own) : NULL;
    const struct schema_scope *before = check->scope;
    const struct schema_scope scope = {node->resource, before};
    if (!before || before->resource != node->resource) {
        check->scope = &scope;
    }
    check->depth++;
    check->is_too_deep = check->is_too_deep || check->depth > JSON_SCHEMA_DEPTH;
    bool accepts = run_uses(check, node, spot, marks);
    check->depth--;
    check->scope = before;
    if (accepts && outer && marks) {
        marks_merge(outer, marks);
    }
    return accepts;
}

bool schema_accepts(struct schema_check *check, const json_t *schema,
                    const struct schema_spot *spot, struct schema_marks *marks) {
    if (json_is_false(schema)) {
        return schema_refuses(check, NULL, spot, "No value is allowed here");
    }
    const struct schema_node *node = schema_node_find(check->schema, schema);
    return !node || run_node(check, node, spot, marks);
}

bool schema_tries(struct schema_check *check, const json_t *schema, const struct schema_spot *spot,
                  struct schema_marks *marks, struct schema_mistake *mistake) {
    struct schema_mistake *before = check->quiet;
    check->quiet = mistake;
    bool accepts = schema_accepts(check, schema, spot, marks);
    check->quiet = before;
    return accepts;
}

bool schema_pattern_matches(struct schema_check *check, const struct schema_pattern *pattern,
                            struct text text) {
    if (!check->room) {
        check->room = regex_room_new(check->arena);
        check->no_memory = check->no_memory || !check->room;
    }
    return check->room && regex_matches(pattern->regex, text, check->room, &check->steps);
}

const json_t *schema_sibling(const struct schema_use *use, const char *keyword) {
    return json_object_get(use->node->json, keyword);
}

const char *schema_shown(struct schema_check *check, const json_t *value) {
    enum { MOST = 60 };
    scoped(buffer_done) struct buffer text;
    buffer_init(&text, MOST);
    if (check->quiet && check->quiet->is_ignored) {
        return "";
    }
    schema_spend(check, MOST / 8);
    if (json_write(&text, value, false) && !text.failed) {
        return arena_copy(check->arena, text.ptr, text.len);
    }
    return json_type_name(value);
}

// What ends a check before its verdict is itself a verdict: the value is not known to fit.
static void tell_limits(struct schema_check *check) {
    if (!check->steps) {
        findings_add(check->findings, SEVERITY_ERROR, "schema-too-costly", check->where,
                     "Make the schema or the value simpler",
                     "Checking took more than %d steps and was ended", JSON_SCHEMA_STEPS);
    } else if (check->is_too_deep) {
        findings_add(check->findings, SEVERITY_ERROR, "schema-too-costly", check->where,
                     "Look for a reference that leads back to itself at the same value",
                     "The schema nests more than %d deep at this value", JSON_SCHEMA_DEPTH);
    }
}

enum status json_schema_check(const struct json_schema *schema, const json_t *value,
                              const char *where, struct findings *findings, struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct schema_check check = {
        .schema = schema,
        .arena = arena,
        .where = where,
        .findings = findings,
        .steps = JSON_SCHEMA_STEPS,
    };
    size_t errors_before = findings->error_count;
    if (!arena) {
        return fail_no_memory(err);
    }
    schema_accepts(&check, schema->document, &(struct schema_spot){.value = value}, NULL);
    if (check.no_memory) {
        return fail_no_memory(err);
    }
    tell_limits(&check);
    return findings_fail(findings, errors_before, err);
}
