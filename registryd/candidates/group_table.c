// SPDX-License-Identifier: MIT
// Finding in a table: two binary searches, over the first names of the leaves and in one leaf. A cursor may
// stand behind the last package of its leaf; the next step goes on to the leaf after it.
#include "registryd/candidates/group_table.h"

#include <string.h>

// The last leaf that begins at or before `name`, else the first.
static size_t leaf_of(const struct group_table *table, const char *name) {
    size_t low = 0;
    size_t high = table->leaf_count;
    while (low + 1 < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(table->leaves[middle]->packages[0]->name, name) <= 0) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

// Where `name` is in the leaf, or would be.
static uint32_t position_of(const struct group_leaf *leaf, const char *name) {
    uint32_t low = 0;
    uint32_t high = leaf->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (strcmp(leaf->packages[middle]->name, name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

struct package *group_table_find(const struct group_table *table, const char *name) {
    const struct group_leaf *leaf = table->leaf_count ? table->leaves[leaf_of(table, name)] : NULL;
    uint32_t position = leaf ? position_of(leaf, name) : 0;
    bool is_there =
        leaf && position < leaf->count && strcmp(leaf->packages[position]->name, name) == 0;
    return is_there ? leaf->packages[position] : NULL;
}

struct group_cursor group_table_seek(const struct group_table *table, const char *name) {
    struct group_cursor cursor = {.table = table, .leaf = leaf_of(table, name)};
    cursor.at = table->leaf_count ? position_of(table->leaves[cursor.leaf], name) : 0;
    return cursor;
}

const struct package *group_cursor_next(struct group_cursor *cursor) {
    const struct group_table *table = cursor->table;
    if (cursor->leaf < table->leaf_count && cursor->at == table->leaves[cursor->leaf]->count) {
        cursor->leaf++;
        cursor->at = 0;
    }
    return cursor->leaf < table->leaf_count ? table->leaves[cursor->leaf]->packages[cursor->at++]
                                            : NULL;
}
