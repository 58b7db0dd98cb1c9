// SPDX-License-Identifier: MIT
// The canonical JSON text of a tree (node.h), straight into a buffer. Recursion is bounded by the
// parsers' depth limits.
#include "schema/readers/core/node.h"

#include "schema/json/json.h"
#include "schema/base/list.h"

#include <stdint.h>
#include <string.h>

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
