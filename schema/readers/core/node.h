// SPDX-License-Identifier: MIT
// A document as a tree with line numbers: what YAML and TOML have in common. The two parsers build it,
// the readers walk it, and findings take their place from it. Everything lives in one arena; once
// built, a tree does not change.
#pragma once

#include "schema/base/arena.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum node_type {
    NODE_NULL, // "key:" without a value; TOML has none
    NODE_BOOLEAN,
    NODE_INTEGER, // within 64 bits
    NODE_REAL,
    NODE_STRING,
    NODE_OTHER, // what JSON cannot hold: infinity, a number out of range, a string with a NUL
    NODE_LIST,
    NODE_TABLE
};

struct node {
    enum node_type type;
    size_t line;     // from 1
    const char *key; // of a member of a table, else NULL
    size_t index;    // of an item of a list
    const char
        *string;     // of a string; of another YAML scalar, its text as written; of NODE_OTHER in
                     // TOML, what it is
    int64_t integer; // also 0 or 1 of a boolean; of an odd TOML root, the first line that is odd
    double real;     // of NODE_REAL
    bool
        odd; // YAML 1.1 gives this plain scalar another meaning (yes, 010, 1:30); of a TOML root: it
             // is TOML 1.1
    struct node *parent;
    struct node *first; // of a list or table, in the order of the file (TOML: by key)
    struct node *last;  // where node_add appends
    struct node *next;  // the next child of the same parent
    size_t count;       // of children
};

// Appends a zeroed child at the end of a list or table; `parent` NULL makes a root. `key` is kept,
// not copied. Arena; NULL when out of memory.
struct node *node_add(struct arena *arena, struct node *parent, const char *key, size_t line);

// The member of a table, or NULL; NULL too when `table` is no table.
const struct node *node_find(const struct node *table, const char *key);

// The node that a JSON pointer leads to from `root`; where the tree has no such node, the last one on the
// way: of "/nav/0/label" the item of `nav` when it has no label. Never NULL.
const struct node *node_at(const struct node *root, const char *pointer);

// "project.authors[0].name". Arena; "" for the root and when out of memory.
const char *node_path(struct arena *arena, const struct node *node);

// How deep lists and tables nest: 0 for a scalar.
size_t node_depth(const struct node *node);

// The first value of the tree that JSON cannot hold, or NULL. Ask before a tree is encoded.
const struct node *node_find_other(const struct node *node);

// "a string", "a list", "a table". Static.
const char *node_type_name(enum node_type type);

// The tree as JSON; NODE_OTHER is null there. Owned; NULL when out of memory.
json_t *node_encode(const struct node *node);

// Its canonical text (json_encode_canonical), without a JSON tree between. Arena; NULL when out of
// memory.
const char *node_encode_canonical(struct arena *arena, const struct node *node);
