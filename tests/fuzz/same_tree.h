// SPDX-License-Identifier: MIT
// Whether two trees say the same, lines included: what a scanner read beside what the library read.
#pragma once

#include "schema/readers/core/node.h"

#include <string.h>

static inline bool is_same_text(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

static inline bool is_same_node(const struct node *a, const struct node *b) {
    return a->type == b->type && a->line == b->line && a->index == b->index &&
           a->count == b->count && a->odd == b->odd && a->integer == b->integer &&
           memcmp(&a->real, &b->real, sizeof a->real) == 0 && is_same_text(a->key, b->key) &&
           is_same_text(a->string, b->string);
}

// Both are bounded in depth by their parsers.
static inline bool is_same_tree(const struct node *a, const struct node *b) {
    const struct node *one = a->first;
    const struct node *other = b->first;
    bool same = is_same_node(a, b);
    while (same && one && other) {
        same = one->parent == a && other->parent == b && is_same_tree(one, other);
        one = one->next;
        other = other->next;
    }
    return same && !one && !other;
}
