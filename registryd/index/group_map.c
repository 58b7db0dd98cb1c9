// SPDX-License-Identifier: MIT
// A hash table with chains, and one list in the order of use for each kind of group. A group that is
// being loaded is in no list: nobody may push it out under the thread that loads it.
#include "registryd/index/group_map.h"

#include "registryd/hash/etag.h"

#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 1024 };
enum kind { FULL, EMPTY, KIND_COUNT };

struct use_list {
    struct group *newest; // used last
    struct group *oldest; // goes first
    size_t count;
};

struct group_map {
    struct answer_cache *cache;        // where answers of groups that go are forgotten
    struct use_list lists[KIND_COUNT]; // full groups and empty ones
    size_t count;
    struct hash_seed seed; // random, so that an attacker cannot aim at one bucket
    struct group *buckets[BUCKETS];
};

static const size_t bounds[] = {[FULL] = GROUP_MAP_MAX_FULL, [EMPTY] = GROUP_MAP_MAX_EMPTY};

enum status group_map_new(struct answer_cache *cache, struct group_map **ret_map,
                          struct error *err) {
    struct group_map *map = calloc(1, sizeof *map);
    if (!map) {
        return fail_no_memory(err);
    }
    map->cache = cache;
    hash_seed_init(&map->seed);
    *ret_map = map;
    return STATUS_OK;
}

static size_t bucket_of(const struct group_map *map, const char *name) {
    return hash_keyed(&map->seed, name, strlen(name)) % BUCKETS;
}

// The kind follows from the table. So a group must leave its list before its table changes.
static struct use_list *list_of(struct group_map *map, const struct group *group) {
    return &map->lists[group->table->count ? FULL : EMPTY];
}

static void leave_list(struct group_map *map, struct group *group) {
    // A group that is being loaded is in no list.
    if (!group->table) {
        return;
    }
    struct use_list *list = list_of(map, group);
    *(group->newer ? &group->newer->older : &list->newest) = group->older;
    *(group->older ? &group->older->newer : &list->oldest) = group->newer;
    list->count--;
}

static void join_list(struct group_map *map, struct group *group) {
    struct use_list *list = list_of(map, group);
    group->newer = NULL;
    group->older = list->newest;
    *(list->newest ? &list->newest->newer : &list->oldest) = group;
    list->newest = group;
    list->count++;
}

// Finding counts as use: the group becomes the newest of its list.
struct group *group_map_find(struct group_map *map, const char *name) {
    struct group *group = map->buckets[bucket_of(map, name)];
    while (group && strcmp(group->name, name) != 0) {
        group = group->chain;
    }
    if (group && group->table) {
        leave_list(map, group);
        join_list(map, group);
    }
    return group;
}

struct group *group_map_add(struct group_map *map, const char *name) {
    size_t size = strlen(name) + 1;
    struct group *group = calloc(1, sizeof *group + size);
    if (!group) {
        return NULL;
    }
    memcpy(group->name, name, size);
    struct group **bucket = &map->buckets[bucket_of(map, name)];
    group->chain = *bucket;
    *bucket = group;
    map->count++;
    return group;
}

void group_map_remove(struct group_map *map, struct group *group) {
    answer_cache_forget(map->cache, &group->answers);
    leave_list(map, group);
    struct group **place = &map->buckets[bucket_of(map, group->name)];
    while (*place != group) {
        place = &(*place)->chain;
    }
    *place = group->chain;
    map->count--;
    group_table_unref(group->table);
    free(group);
}

void group_map_set(struct group_map *map, struct group *group, struct group_table *table) {
    answer_cache_forget(map->cache, &group->answers);
    group_map_extend(map, group, table);
}

// The oldest groups leave when there are too many. Real groups and names that have no package are counted
// apart, so that a stranger who asks for random names cannot push the real ones out.
void group_map_extend(struct group_map *map, struct group *group, struct group_table *table) {
    leave_list(map, group);
    group_table_unref(group->table);
    group->table = table;
    join_list(map, group);
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        while (map->lists[kind].count > bounds[kind]) {
            group_map_remove(map, map->lists[kind].oldest);
        }
    }
}

static struct group *first_from(struct group_map *map, size_t bucket) {
    while (bucket < BUCKETS && !map->buckets[bucket]) {
        bucket++;
    }
    return bucket < BUCKETS ? map->buckets[bucket] : NULL;
}

struct group *group_map_next(struct group_map *map, const struct group *after) {
    if (after && after->chain) {
        return after->chain;
    }
    return first_from(map, after ? bucket_of(map, after->name) + 1 : 0);
}

void group_map_free(struct group_map *map) {
    struct group *group = map ? group_map_next(map, NULL) : NULL;
    while (group) {
        group_map_remove(map, group);
        group = group_map_next(map, NULL);
    }
    free(map);
}

size_t group_map_count(const struct group_map *map) {
    return map->count;
}
