// SPDX-License-Identifier: MIT
// Building tables and their changed copies. A leaf that is full is split in two; one that becomes empty
// goes. Leaves are not joined again: packages are hardly ever taken out.
#include "registryd/tables/group_table_build.h"

#include "registryd/tables/shared.h"

#include <string.h>

enum { LEAF_FILL = GROUP_LEAF_MAX / 2 }; // of a new table, so that what comes in finds room

// A table with room for `leaf_count` leaves and none yet; NULL when out of memory.
static struct group_table *make_table(const char *group, size_t leaf_count, int64_t serial) {
    size_t leaves_size = leaf_count * sizeof(struct group_leaf *);
    size_t group_size = strlen(group) + 1;
    struct group_table *table = shared_alloc(sizeof *table + leaves_size + group_size);
    if (!table) {
        return NULL;
    }
    *table = (struct group_table){.serial = serial, .leaves = (struct group_leaf **)(table + 1)};
    table->group = memcpy((char *)(table + 1) + leaves_size, group, group_size);
    return table;
}

// Takes a reference of its own on each package.
static struct group_leaf *make_leaf(struct package *const *packages, size_t count) {
    struct group_leaf *leaf = shared_alloc(sizeof *leaf + count * sizeof *packages);
    if (!leaf) {
        return NULL;
    }
    leaf->count = (uint32_t)count;
    for (size_t i = 0; i < count; i++) {
        leaf->packages[i] = package_ref(packages[i]);
    }
    return leaf;
}

static void unref_leaf(struct group_leaf *leaf) {
    if (!shared_unref(leaf)) {
        return;
    }
    for (uint32_t i = 0; i < leaf->count; i++) {
        package_unref(leaf->packages[i]);
    }
    shared_free(leaf);
}

// Appends a leaf of these packages, if there are any. False when out of memory.
static bool add_leaf(struct group_table *table, struct package *const *packages, size_t count) {
    struct group_leaf *leaf = count ? make_leaf(packages, count) : NULL;
    if (leaf) {
        table->leaves[table->leaf_count++] = leaf;
        table->count += count;
    }
    return leaf || !count;
}

// Leaves never change after they are made, so that a new table may hold those of the old one while
// readers still walk them.
static void share_leaves(struct group_table *table, const struct group_table *old, size_t from,
                         size_t to) {
    for (size_t i = from; i < to; i++) {
        struct group_leaf *leaf = shared_ref(old->leaves[i]);
        table->leaves[table->leaf_count++] = leaf;
        table->count += leaf->count;
    }
}

struct group_table *group_table_new(const char *group, int64_t serial) {
    return make_table(group, 0, serial);
}

// The leaves are not filled to the brim: packages that are added later then rarely split one.
struct group_table *group_table_build(const char *group, int64_t serial,
                                      struct package *const *packages, size_t count) {
    scoped(cleanup_group_table) struct group_table *table =
        make_table(group, (count + LEAF_FILL - 1) / LEAF_FILL, serial);
    for (size_t at = 0; table && at < count; at += LEAF_FILL) {
        size_t rest = count - at;
        if (!add_leaf(table, packages + at, rest < LEAF_FILL ? rest : LEAF_FILL)) {
            return NULL;
        }
    }
    return take(table);
}

// The packages of the leaf at a place (of none in an empty table) with the change made there. Room for
// one more than a leaf holds.
static size_t change_leaf(const struct group_cursor *place, const char *name,
                          struct package *package, struct package **packages) {
    const struct group_table *old = place->table;
    const struct group_leaf *leaf = old->leaf_count ? old->leaves[place->leaf] : NULL;
    size_t old_count = leaf ? leaf->count : 0;
    size_t position = place->at;
    bool is_there = position < old_count && strcmp(leaf->packages[position]->name, name) == 0;
    size_t count = 0;
    for (size_t i = 0; leaf && i < position; i++) {
        packages[count++] = leaf->packages[i];
    }
    if (package) {
        packages[count++] = package;
    }
    for (size_t i = position + is_there; i < old_count; i++) {
        packages[count++] = leaf->packages[i];
    }
    return count;
}

// One leaf is copied and all others are shared, so that a publication costs one leaf and not the
// whole group. A leaf that has grown too long is split in the middle.
struct group_table *group_table_replace(const struct group_table *old, const char *name,
                                        struct package *package, int64_t serial) {
    scoped(cleanup_group_table) struct group_table *table =
        make_table(old->group, old->leaf_count + 2, serial > old->serial ? serial : old->serial);
    if (!table) {
        return NULL;
    }
    struct package *packages[GROUP_LEAF_MAX + 1];
    struct group_cursor place = group_table_seek(old, name);
    size_t count = change_leaf(&place, name, package, packages);
    size_t first = count > GROUP_LEAF_MAX ? count / 2 : count;
    share_leaves(table, old, 0, place.leaf);
    if (!add_leaf(table, packages, first) || !add_leaf(table, packages + first, count - first)) {
        return NULL;
    }
    share_leaves(table, old, place.leaf + (old->leaf_count > 0), old->leaf_count);
    return take(table);
}

struct group_table *group_table_ref(struct group_table *table) {
    return shared_ref(table);
}

void group_table_unref(struct group_table *table) {
    if (!table || !shared_unref(table)) {
        return;
    }
    for (size_t i = 0; i < table->leaf_count; i++) {
        unref_leaf(table->leaves[i]);
    }
    shared_free(table);
}
