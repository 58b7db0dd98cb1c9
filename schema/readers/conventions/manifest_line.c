// SPDX-License-Identifier: MIT
// Lines of manifests (manifest_line.h), for each way a manifest comes out of a file: a part of a YAML, TOML or JSON
// document, a literal of Python, or facts about a call or a class. JSON is read as YAML, which it is; the parser
// of JSON keeps no lines. What cannot be read has no line: the reader said so already.
#include "schema/readers/conventions/manifest_line.h"

#include "schema/json/json.h"
#include "schema/readers/core/toml.h"
#include "schema/readers/core/yaml.h"
#include "schema/readers/python/python_source.h"

#include <stdint.h>
#include <string.h>

// The part of the document that is the manifest; NULL when it is not there.
static const struct node *find_part(struct arena *arena, const struct node *root,
                                    const char *take) {
    struct text rest = text_from(take);
    struct text key;
    while (root && text_split(&rest, '.', &key)) {
        const char *name = arena_copy(arena, key.ptr, key.len);
        root = name ? node_find(root, name) : NULL;
    }
    return root;
}

static size_t line_in_tree(struct arena *arena, const struct source_file *file,
                           const struct manifest_source *source, const char *pointer) {
    const struct node *root = NULL;
    enum status status = source->format == DECLARED_TOML ? toml_parse(arena, file, &root, NULL)
                                                         : yaml_parse(arena, file, &root, NULL);
    const struct node *part = status ? NULL : find_part(arena, root, source->take);
    return part ? node_at(part, pointer)->line : 0;
}

// "/declares/1" -> 1; SIZE_MAX for another pointer.
static size_t item_of(const char *pointer, const char *key) {
    size_t len = strlen(key);
    bool is_below =
        pointer[0] == '/' && strncmp(pointer + 1, key, len) == 0 && pointer[len + 1] == '/';
    const char *part = is_below ? pointer + len + 2 : "";
    return json_pointer_item((struct text){part, strcspn(part, "/")});
}

// Of the call that makes the plugin: an argument, or the call.
static size_t line_in_call(const struct python_module *module, const char *name,
                           const char *pointer) {
    struct python_value value;
    size_t wanted = item_of(pointer, "declares");
    size_t count = 0;
    if (wanted == SIZE_MAX || python_value_read(module, name, &value, NULL) || !value.call) {
        return (size_t)python_value_line(module, name, pointer);
    }
    for (size_t i = 0; i < value.call->argument_count; i++) {
        const struct python_argument *argument = &value.call->arguments[i];
        if (argument->name && strcmp(argument->name, "name") != 0 && count++ == wanted) {
            return (size_t)argument->line;
        }
    }
    return (size_t)value.call->line;
}

static bool is_text(const struct python_argument *argument) {
    return argument->json && argument->json[0] == '"';
}

// Whether the endpoint has a literal path and method: only such endpoints are in the manifest.
static bool is_listed(const struct python_call *call) {
    size_t found = 0;
    for (size_t i = 0; i < call->argument_count; i++) {
        const struct python_argument *argument = &call->arguments[i];
        const char *name = argument->name;
        bool wanted = name ? strcmp(name, "path") == 0 || strcmp(name, "method") == 0 : i < 2;
        found += wanted && is_text(argument);
    }
    return found >= 2;
}

static bool ends_with(const char *text, const char *end) {
    size_t len = strlen(text);
    size_t end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static size_t line_in_class(const struct python_class *class, const char *pointer) {
    size_t endpoint = item_of(pointer, "endpoints");
    size_t count = 0;
    for (size_t i = 0; endpoint != SIZE_MAX && i < class->call_count; i++) {
        const struct python_call *call = &class->calls[i];
        if (ends_with(call->callee, "add_endpoint") && is_listed(call) && count++ == endpoint) {
            return (size_t)call->line;
        }
    }
    for (size_t i = 0; item_of(pointer, "tools") != SIZE_MAX && i < class->method_count; i++) {
        if (strcmp(class->methods[i].name, "__init__") == 0) {
            return (size_t) class->methods[i].line;
        }
    }
    return (size_t) class->line;
}

static size_t line_in_python(struct arena *arena, const struct source_file *file,
                             const struct manifest_source *source, const char *pointer) {
    struct python_module module;
    static const char *const kept[] = {"add_endpoint"};
    const struct python_source_options options = {kept, 1};
    if (python_source_read(arena, file, source->class_name ? &options : NULL, &module, NULL)) {
        return 0;
    }
    if (!source->class_name) {
        return source->declares ? line_in_call(&module, source->take, pointer)
                                : (size_t)python_value_line(&module, source->take, pointer);
    }
    const struct python_class *class = python_find_class(&module, source->class_name);
    return class ? line_in_class(class, pointer) : 0;
}

size_t manifest_line(struct arena *arena, const struct source_file *file,
                     const struct manifest_source *source, const char *pointer) {
    return source->format == DECLARED_PYTHON ? line_in_python(arena, file, source, pointer)
                                             : line_in_tree(arena, file, source, pointer);
}
