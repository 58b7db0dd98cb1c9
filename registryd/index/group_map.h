// SPDX-License-Identifier: MIT
// The groups in memory by name. Groups that have packages and groups that have none are bounded apart,
// so that a stranger who asks for thousands of made-up names pushes out no group that is real. Not
// locked: the index calls it under its own lock.
#pragma once

#include "registryd/index/answer_cache.h"
#include "registryd/tables/group_table_build.h"

enum { GROUP_MAP_MAX_FULL = 4096, GROUP_MAP_MAX_EMPTY = 256 };

struct group {
    struct group *chain;         // next in the bucket
    struct group *newer;         // in order of use
    struct group *older;         // in order of use
    struct group_table *table;   // NULL while it is being loaded
    struct answer_links answers; // made from this group; forgotten with its table
    char name[];
};

struct group_map;

// `cache`: where evicted groups' answers are forgotten; borrowed. *ret_map is owned.
// Fails with: NO_MEMORY.
enum status group_map_new(struct answer_cache *cache, struct group_map **ret_map,
                          struct error *err);
void group_map_free(struct group_map *map);

// Borrowed until the lock is given up, unless it is being loaded: then until group_map_set or _remove
// by the thread that loads it. NULL when it is not there. Counts as a use.
struct group *group_map_find(struct group_map *map, const char *name);

// Puts in a group that is about to be loaded; NULL when out of memory.
struct group *group_map_add(struct group_map *map, const char *name);

// Gives a group its (first or next) table and forgets its answers; steals `table`. May push out the
// least recently used group of its kind.
void group_map_set(struct group_map *map, struct group *group, struct group_table *table);

// The same with a table that has more than the one before, and nothing that differs: no answer is forgotten.
void group_map_extend(struct group_map *map, struct group *group, struct group_table *table);

void group_map_remove(struct group_map *map, struct group *group);

// Walks all groups: the first when `after` is NULL; NULL at the end.
struct group *group_map_next(struct group_map *map, const struct group *after);

size_t group_map_count(const struct group_map *map);
