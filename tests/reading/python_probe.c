// SPDX-License-Identifier: MIT
// Reads the Python files named on standard input, one a line, and prints what python_source_read
// says of each as one line of JSON. The test beside it compares that with CPython's own parser.
#include "schema/base/cleanup.h"
#include "schema/readers/python/python_literal.h"
#include "schema/readers/python/python_source.h"

#include <stdio.h>
#include <string.h>

static json_t *encode_value(const char *json) {
    json_t *value = json ? json_loads(json, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL) : NULL;
    return json_pack("[b, o]", json != NULL, value ? value : json_null());
}

static json_t *encode_function(const struct python_function *function) {
    json_t *names = json_array();
    for (size_t i = 0; i < function->parameter_count; i++) {
        json_array_append_new(names, json_string(function->parameters[i].name));
    }
    return json_pack("[s, i, o]", function->name, function->line, names);
}

static json_t *encode_functions(const struct python_function *functions, size_t count) {
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(array, encode_function(&functions[i]));
    }
    return array;
}

static json_t *encode_class(const struct python_class *class) {
    json_t *bases = json_array();
    for (size_t i = 0; i < class->base_count; i++) {
        json_array_append_new(bases, class->bases[i] ? json_string(class->bases[i]) : json_null());
    }
    return json_pack("[s, i, o, o]", class->name, class->line, bases,
                     encode_functions(class->methods, class->method_count));
}

// The value as it stands: names are not followed.
static json_t *encode_assignment(const struct python_module *module,
                                 const struct python_assignment *one) {
    struct python_span span = {module->tokens, one->first, one->end};
    const char *json = NULL;
    const char *why_not = NULL;
    if (one->first < one->end) {
        python_literal_read(module->arena, &span, NULL, &json, &why_not, NULL);
    }
    return json_pack("[s, i, o]", one->name, one->line, encode_value(json));
}

// The value that the name has in the end, followed.
static json_t *encode_followed(const struct python_module *module, const char *name) {
    struct python_value value = {0};
    python_value_read(module, name, &value, NULL);
    return json_pack("[o, s*, s*]", encode_value(value.json),
                     value.call ? value.call->callee : NULL, value.why_not);
}

static json_t *encode_module(const struct python_module *module) {
    json_t *assignments = json_array();
    for (size_t i = 0; i < module->assignment_count; i++) {
        json_array_append_new(assignments, encode_assignment(module, &module->assignments[i]));
    }
    json_t *followed = json_object();
    for (size_t i = module->assignment_count < 30 ? 0 : module->assignment_count - 30;
         i < module->assignment_count; i++) {
        const char *name = module->assignments[i].name;
        json_object_set_new(followed, name, encode_followed(module, name));
    }
    json_t *classes = json_array();
    for (size_t i = 0; i < module->class_count; i++) {
        json_array_append_new(classes, encode_class(&module->classes[i]));
    }
    return json_pack("{s:o, s:o, s:o, s:o}", "assignments", assignments, "classes", classes,
                     "functions", encode_functions(module->functions, module->function_count),
                     "followed", followed);
}

static char *read_whole(const char *path, size_t *ret_len) {
    scoped(cleanup_file) FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0) {
        return NULL;
    }
    long size = ftell(file);
    rewind(file);
    char *bytes = malloc((size_t)size + 1);
    *ret_len = bytes ? fread(bytes, 1, (size_t)size, file) : 0;
    return bytes;
}

static json_t *read_one(struct arena *arena, const char *path) {
    struct source_file file = {.path = path};
    scoped(cleanup_memory) char *bytes = read_whole(path, &file.len);
    struct python_module module;
    struct error err;
    file.bytes = bytes;
    if (!bytes) {
        return json_pack("{s:s}", "error", "cannot be opened");
    }
    if (python_source_read(arena, &file, NULL, &module, &err) != STATUS_OK) {
        return json_pack("{s:s, s:s}", "error", err.message, "where", err.where);
    }
    return encode_module(&module);
}

int main(void) {
    char path[4096];
    while (fgets(path, sizeof path, stdin)) {
        path[strcspn(path, "\n")] = '\0';
        struct arena *arena = arena_new(0);
        json_auto_t *answer = read_one(arena, path);
        scoped(cleanup_memory) char *text = json_dumps(answer, JSON_COMPACT);
        puts(text ? text : "{\"error\":\"no JSON\"}");
        fflush(stdout);
        arena_free(arena);
    }
    return 0;
}
