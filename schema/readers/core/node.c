// SPDX-License-Identifier: MIT
// Building and walking the trees of node.h. Recursion is bounded by the parsers' depth limits.
#include "schema/readers/core/node.h"

#include "schema/json/json.h"

#include <string.h>

struct node *node_add(struct arena *arena, struct node *parent, const char *key, size_t line) {
    struct node *node = arena_alloc(arena, sizeof *node);
    if (!node) {
        return NULL;
    }
    node->key = key;
    node->line = line;
    node->parent = parent;
    if (!parent) {
        return node;
    }
    node->index = parent->count++;
    if (parent->last) {
        parent->last->next = node;
    } else {
        parent->first = node;
    }
    parent->last = node;
    return node;
}

const struct node *node_find(const struct node *table, const char *key) {
    if (!table || table->type != NODE_TABLE) {
        return NULL;
    }
    for (const struct node *child = table->first; child; child = child->next) {
        if (strcmp(child->key, key) == 0) {
            return child;
        }
    }
    return NULL;
}

const char *node_path(struct arena *arena, const struct node *node) {
    if (!node || !node->parent) {
        return "";
    }
    const char *parent = node_path(arena, node->parent);
    const char *path = node->key
                           ? arena_printf(arena, "%s%s%s", parent, *parent ? "." : "", node->key)
                           : arena_printf(arena, "%s[%zu]", parent, node->index);
    return path ? path : "";
}

size_t node_depth(const struct node *node) {
    size_t deepest = 0;
    for (const struct node *child = node->first; child; child = child->next) {
        size_t depth = node_depth(child);
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest + (node->type >= NODE_LIST);
}

const char *node_type_name(enum node_type type) {
    static const char *const names[] = {
        [NODE_NULL] = "nothing",     [NODE_BOOLEAN] = "true or false",
        [NODE_INTEGER] = "a number", [NODE_REAL] = "a number",
        [NODE_STRING] = "a string",  [NODE_LIST] = "a list",
        [NODE_TABLE] = "a table",    [NODE_OTHER] = "a value that JSON cannot hold",
    };
    return names[type];
}

const struct node *node_find_other(const struct node *node) {
    const struct node *found = node->type == NODE_OTHER ? node : NULL;
    for (const struct node *child = node->first; child && !found; child = child->next) {
        found = node_find_other(child);
    }
    return found;
}

static json_t *encode_list(const struct node *node) {
    scoped(cleanup_json) json_t *array = json_array();
    for (const struct node *child = node->first; child; child = child->next) {
        if (json_array_append_new(array, node_encode(child))) {
            return NULL;
        }
    }
    return take(array);
}

static json_t *encode_table(const struct node *node) {
    scoped(cleanup_json) json_t *object = json_object();
    for (const struct node *child = node->first; child; child = child->next) {
        if (json_object_set_new(object, child->key, node_encode(child))) {
            return NULL;
        }
    }
    return take(object);
}

json_t *node_encode(const struct node *node) {
    switch (node->type) {
    case NODE_NULL:
    case NODE_OTHER:
        return json_null();
    case NODE_BOOLEAN:
        return json_boolean(node->integer);
    case NODE_INTEGER:
        return json_integer(node->integer);
    case NODE_REAL:
        return json_real(node->real);
    case NODE_STRING:
        return json_string(node->string);
    case NODE_LIST:
        return encode_list(node);
    case NODE_TABLE:
        return encode_table(node);
    }
    return NULL;
}
