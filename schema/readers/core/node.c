// SPDX-License-Identifier: MIT
// Building, walking and writing the trees of node.h. The readers of YAML and TOML build them, the conventions walk
// them, and a manifest is their canonical text: keys sorted, no white space, the same bytes whatever the
// file looked like. Recursion is bounded by the parsers' depth limits.
//
// A path is written as a person would look it up, whatever the format: "project.authors[0].name".
#include "schema/readers/core/node.h"

#include "schema/base/list.h"
#include "schema/json/json.h"

#include <stdint.h>
#include <string.h>

// Children are a linked list in the order of the file, so that findings come in the order in which an author
// reads; `index` is kept beside it, because a path needs it and counting would be quadratic.
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

// Tables of manifests have a dozen keys: a scan is faster than a hash, and keeps the tree one kind of struct.
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

static const struct node *find_child(const struct node *node, struct text part) {
    size_t wanted = json_pointer_item(part);
    for (const struct node *child = node->first; child; child = child->next) {
        if (child->key ? json_pointer_names(part, child->key) : child->index == wanted) {
            return child;
        }
    }
    return NULL;
}

const struct node *node_at(const struct node *root, const char *pointer) {
    struct text rest = text_from(*pointer == '/' ? pointer + 1 : NULL);
    struct text part;
    const struct node *node = root;
    while (text_split(&rest, '/', &part)) {
        const struct node *child = find_child(node, part);
        if (!child) {
            break;
        }
        node = child;
    }
    return node;
}

// A finding without a path is better than none: when memory is out the path is "".
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

// Limits of depth count containers. {"a": [1]} is 2 deep, the number inside adds nothing.
size_t node_depth(const struct node *node) {
    size_t deepest = 0;
    for (const struct node *child = node->first; child; child = child->next) {
        size_t depth = node_depth(child);
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest + (node->type >= NODE_LIST);
}

// With its article, for "This is a number; it must be a string". YAML and TOML differ in how they call an
// integer and a real, so both are "a number".
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

// Out of memory needs no check of its own: jansson refuses to append NULL, and the list is thrown away.
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

// The canonical form is that of json_encode_canonical, which tests compare: sorted keys, no white space.
// Writing it from the tree saves building a JSON tree for every manifest of a walk.
// ---- the canonical text, straight into a buffer ----

static bool write_node(struct buffer *buffer, const struct node *node);

static bool write_scalar(struct buffer *buffer, const struct node *node) {
    scoped(cleanup_json) json_t *json = node_encode(node);
    return json && json_write(buffer, json, true);
}

static bool write_list(struct buffer *buffer, const struct node *list) {
    buffer_add(buffer, "[", 1);
    for (const struct node *item = list->first; item; item = item->next) {
        buffer_add(buffer, ",", item != list->first);
        if (!write_node(buffer, item)) {
            return false;
        }
    }
    buffer_add(buffer, "]", 1);
    return true;
}

// By bytes; RFC 8785 sorts by UTF-16 units, which differs only where keys hold characters beyond U+FFFF. What
// matters is that the daemon and every client sort alike.
static int compare_keys(const void *a, const void *b) {
    return strcmp((*(const struct node *const *)a)->key, (*(const struct node *const *)b)->key);
}

static bool write_members(struct buffer *buffer, const struct node *const *members, size_t count) {
    buffer_add(buffer, "{", 1);
    for (size_t i = 0; i < count; i++) {
        buffer_add(buffer, ",", i > 0);
        if (!json_write_string(buffer, members[i]->key, strlen(members[i]->key))) {
            return false;
        }
        buffer_add(buffer, ":", 1);
        if (!write_node(buffer, members[i])) {
            return false;
        }
    }
    buffer_add(buffer, "}", 1);
    return true;
}

// Sixteen keys cover nearly all tables; only larger ones cost an allocation.
static bool write_table(struct buffer *buffer, const struct node *table) {
    const struct node *few[16];
    scoped(cleanup_memory) const struct node **many = NULL;
    if (table->count > COUNT_OF(few) && !(many = malloc(table->count * sizeof *many))) {
        return false;
    }
    const struct node **members = many ? many : few;
    size_t count = 0;
    for (const struct node *child = table->first; child; child = child->next) {
        members[count++] = child;
    }
    if (count) {
        qsort(members, count, sizeof *members, compare_keys);
    }
    return write_members(buffer, members, count);
}

// The depth is bounded by the parsers, so recursion is safe.
static bool write_node(struct buffer *buffer, const struct node *node) {
    switch (node->type) {
    case NODE_STRING:
        return json_write_string(buffer, node->string, strlen(node->string));
    case NODE_LIST:
        return write_list(buffer, node);
    case NODE_TABLE:
        return write_table(buffer, node);
    default:
        return write_scalar(buffer, node);
    }
}

const char *node_encode_canonical(struct arena *arena, const struct node *node) {
    scoped(buffer_done) struct buffer buffer;
    buffer_init(&buffer, SIZE_MAX / 4);
    bool written = write_node(&buffer, node);
    return written && !buffer.failed ? arena_copy(arena, buffer.ptr, buffer.len) : NULL;
}
