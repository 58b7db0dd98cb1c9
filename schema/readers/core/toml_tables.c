// SPDX-License-Identifier: MIT
// The rules of TOML 1.0 for tables (toml_tables.h), as far as toml++ and the specification agree on them:
//
//     [a.b]      makes `a` IMPLICIT and `b` OPENED
//     [a]        opens the implicit `a`; a second [a] is left to toml++, which refuses it
//     c.d = 1    makes `c` DOTTED: only further dotted keys go on with it
//     [[e]]      makes `e` REPEATED; [e.f] goes on with its last table
//     g = {}     is none of these, and nothing goes on with it
#include "schema/readers/core/toml_tables.h"

#include <string.h>

enum mark { CLOSED, IMPLICIT, OPENED, DOTTED, REPEATED };

static struct node *find_member(const struct node *table, const char *key) {
    struct node *child = table->first;
    while (child && strcmp(child->key, key) != 0) {
        child = child->next;
    }
    return child;
}

static struct node *add_marked(struct arena *arena, struct node *table, const char *key,
                               size_t line, enum mark mark) {
    if (table->count >= TOML_TABLE_MEMBERS && key) {
        return NULL;
    }
    struct node *node = node_add(arena, table, key, line);
    if (node) {
        node->type = mark == REPEATED ? NODE_LIST : NODE_TABLE;
        node->integer = mark;
    }
    return node;
}

// One part of a header before its last.
static struct node *step_into(struct arena *arena, struct node *table, const char *key,
                              size_t line) {
    struct node *found = find_member(table, key);
    if (!found) {
        return add_marked(arena, table, key, line, IMPLICIT);
    }
    if (found->type == NODE_LIST) {
        return found->integer == REPEATED ? found->last : NULL;
    }
    bool open =
        found->type == NODE_TABLE && (found->integer == IMPLICIT || found->integer == OPENED);
    return open ? found : NULL;
}

static struct node *open_once(struct arena *arena, struct node *table, const char *key,
                              size_t line) {
    struct node *found = find_member(table, key);
    if (!found) {
        return add_marked(arena, table, key, line, OPENED);
    }
    if (found->type != NODE_TABLE || found->integer != IMPLICIT) {
        return NULL;
    }
    found->integer = OPENED;
    found->line = line;
    return found;
}

static struct node *open_again(struct arena *arena, struct node *table, const char *key,
                               size_t line) {
    struct node *found = find_member(table, key);
    if (!found) {
        found = add_marked(arena, table, key, line, REPEATED);
    }
    bool repeated = found && found->type == NODE_LIST && found->integer == REPEATED;
    return repeated ? add_marked(arena, found, NULL, line, OPENED) : NULL;
}

struct node *toml_open_table(struct arena *arena, struct node *root, const struct toml_key *key,
                             bool repeats, size_t line) {
    struct node *table = root;
    for (size_t i = 0; table && i + 1 < key->count; i++) {
        table = step_into(arena, table, key->parts[i], line);
    }
    const char *last = key->parts[key->count - 1];
    if (!table) {
        return NULL;
    }
    return repeats ? open_again(arena, table, last, line) : open_once(arena, table, last, line);
}

struct node *toml_add_member(struct arena *arena, struct node *table, const struct toml_key *key,
                             size_t line) {
    for (size_t i = 0; i + 1 < key->count; i++) {
        struct node *found = find_member(table, key->parts[i]);
        table = found ? found : add_marked(arena, table, key->parts[i], line, DOTTED);
        if (!table || table->type != NODE_TABLE || table->integer != DOTTED) {
            return NULL;
        }
    }
    const char *last = key->parts[key->count - 1];
    return find_member(table, last) ? NULL : add_marked(arena, table, last, line, CLOSED);
}

// By insertion: most tables have a handful of keys.
static void sort_members(struct node *table) {
    struct node *sorted[TOML_TABLE_MEMBERS];
    size_t count = 0;
    for (struct node *child = table->first; child; child = child->next) {
        size_t at = count++;
        for (; at && strcmp(sorted[at - 1]->key, child->key) > 0; at--) {
            sorted[at] = sorted[at - 1];
        }
        sorted[at] = child;
    }
    table->first = count ? sorted[0] : NULL;
    table->last = count ? sorted[count - 1] : NULL;
    for (size_t i = 0; i < count; i++) {
        sorted[i]->index = i;
        sorted[i]->next = i + 1 < count ? sorted[i + 1] : NULL;
    }
}

// The depth is bounded: by the parts of a header, of a key, and by the brackets of a value.
void toml_finish(struct node *node) {
    if (node->type < NODE_LIST) {
        return;
    }
    node->integer = 0;
    if (node->type == NODE_TABLE) {
        sort_members(node);
    }
    for (struct node *child = node->first; child; child = child->next) {
        toml_finish(child);
    }
}
