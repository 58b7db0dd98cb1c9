// SPDX-License-Identifier: MIT
// Where the headers and dotted keys of a TOML file put their tables. A table may be opened once, and each way of
// making one allows other ways of going on with it; while the tree is built, node->integer of a table or list
// says which way made it. One thread per tree.
#pragma once

#include "schema/readers/core/node.h"

enum {
    TOML_KEY_PARTS = 8, // of one key; longer ones are left to toml++
    TOML_TABLE_MEMBERS =
        128, // of one table; larger ones are left to toml++, whose tables are trees
};

struct toml_key {
    const char *parts[TOML_KEY_PARTS];
    size_t count;
};

// The table that [a.b] or [[a.b]] (`repeats`) opens. NULL when it may not, when that is left to toml++, and when
// out of memory. The same is true of the others.
struct node *toml_open_table(struct arena *arena, struct node *root, const struct toml_key *key,
                             bool repeats, size_t line);

// A new member of `table` for a key, which may be dotted: a.b = 1.
struct node *toml_add_member(struct arena *arena, struct node *table, const struct toml_key *key,
                             size_t line);

// Brings the finished tree into the order of toml++, by key, and takes the marks away.
void toml_finish(struct node *root);
