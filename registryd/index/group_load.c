// SPDX-License-Identifier: MIT
// Loading with one loader per group. The loader's snapshot of the database may miss a change that the
// feed is applying; the feed marks groups under way with the serial it has seen, and a snapshot older
// than the mark is thrown away. The last attempt keeps the feed out, so it always ends.
#include "registryd/index/group_load.h"

#include "registryd/index/feed.h"

enum { ATTEMPTS = 3, LOADER_WAIT_MS = 8000, SAME_STATE_WAIT_MS = 2000 };

CLEANUP_DEFINE(struct arena *, cleanup_arena, arena_free)

static enum status fetch_table(struct index *index, const char *name,
                               struct group_table **ret_table, struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    if (!arena) {
        return fail_no_memory(err);
    }
    struct candidates candidates;
    enum status status = store_candidates_load(index->store, arena, name, NULL, &candidates, err);
    return status ? status : group_table_new(name, &candidates, ret_table, err);
}

// Makes the table the group's, unless the feed has seen a later change (and `insists` is false).
static bool install(struct index *index, struct group *group, struct group_table *table,
                    bool insists) {
    pthread_mutex_lock(&index->lock);
    bool is_current = insists || group->touched <= table->serial;
    if (is_current) {
        group_map_set(index->groups, group, group_table_ref(table));
        pthread_cond_broadcast(&index->loaded);
    }
    pthread_mutex_unlock(&index->lock);
    return is_current;
}

static enum status try_to_load(struct index *index, struct group *group, bool insists,
                               struct group_table **ret_table, struct error *err) {
    scoped(cleanup_group_table) struct group_table *table = NULL;
    enum status status = fetch_table(index, group->name, &table, err);
    if (!status && install(index, group, table, insists)) {
        *ret_table = take(table);
    }
    return status;
}

static enum status load_last(struct index *index, struct group *group,
                             struct group_table **ret_table, struct error *err) {
    pthread_mutex_lock(&index->applying);
    enum status status = try_to_load(index, group, true, ret_table, err);
    pthread_mutex_unlock(&index->applying);
    return status;
}

static enum status load_group(struct index *index, struct group *group,
                              struct group_table **ret_table, struct error *err) {
    struct group_table *table = NULL;
    enum status status = STATUS_OK;
    for (int i = 1; i < ATTEMPTS && !table && !status; i++) {
        status = try_to_load(index, group, false, &table, err);
    }
    if (!table && !status) {
        status = load_last(index, group, &table, err);
    }
    if (status) {
        pthread_mutex_lock(&index->lock);
        group_map_remove(index->groups, group);
        index->failed_loads++;
        pthread_cond_broadcast(&index->loaded);
        pthread_mutex_unlock(&index->lock);
        return status;
    }
    *ret_table = table;
    return STATUS_OK;
}

// Under the lock: the table of a group in memory, once whoever loads it is done; NULL when it is not in
// memory. *ret_failed: it could not be loaded, or not in time.
static struct group_table *await_table(struct index *index, const char *name, bool *ret_failed) {
    int64_t deadline_ms = index_now_ms() + LOADER_WAIT_MS;
    uint64_t failed_before = index->failed_loads;
    bool in_time = true;
    struct group *group = group_map_find(index->groups, name);
    while (group && !group->table && in_time) {
        in_time = index_wait_on(index, &index->loaded, deadline_ms);
        group = group_map_find(index->groups, name);
    }
    bool is_there = group && group->table;
    *ret_failed = !is_there && (!in_time || index->failed_loads != failed_before);
    return is_there ? group_table_ref(group->table) : NULL;
}

static enum status load_one(struct index *index, const char *name, struct group_table **ret_table,
                            struct error *err) {
    bool failed = false;
    pthread_mutex_lock(&index->lock);
    struct group_table *table = await_table(index, name, &failed);
    struct group *group = table || failed ? NULL : group_map_add(index->groups, name);
    pthread_mutex_unlock(&index->lock);
    if (table) {
        *ret_table = table;
        return STATUS_OK;
    }
    if (failed) {
        return fail(err, STATUS_UNAVAILABLE, NULL,
                    "The group \"%s\" could not be loaded; try again", name);
    }
    return group ? load_group(index, group, ret_table, err) : fail_no_memory(err);
}

static void unref_tables(struct group_table **tables, size_t count) {
    for (size_t i = 0; i < count; i++) {
        group_table_unref(tables[i]);
    }
}

static enum status load_each(struct index *index, const char *const *groups, size_t count,
                             struct group_table **ret_tables, struct error *err) {
    for (size_t i = 0; i < count; i++) {
        enum status status = load_one(index, groups[i], &ret_tables[i], err);
        if (status) {
            unref_tables(ret_tables, i);
            return status;
        }
    }
    return STATUS_OK;
}

// Under the lock: whether these are the tables in memory now, and how far the newest looks ahead.
static bool are_current(struct index *index, struct group_table *const *tables, size_t count,
                        int64_t *ret_newest) {
    *ret_newest = 0;
    for (size_t i = 0; i < count; i++) {
        const struct group *group = group_map_find(index->groups, tables[i]->group);
        if (!group || group->table != tables[i]) {
            return false;
        }
        *ret_newest = tables[i]->serial > *ret_newest ? tables[i]->serial : *ret_newest;
    }
    return true;
}

// Whether the tables show one state: all of now, and none ahead of what was applied to all. When one
// is ahead, waits for the feed to move; *ret_alone when there is no feed to wait for.
static bool are_of_one_state(struct index *index, struct group_table *const *tables, size_t count,
                             int64_t deadline_ms, bool *ret_alone) {
    pthread_mutex_lock(&index->lock);
    int64_t newest;
    bool is_current = are_current(index, tables, count, &newest);
    bool is_ahead = is_current && newest > index->point.serial;
    *ret_alone = is_ahead && !index->following;
    if (is_ahead && index->following) {
        index_wait_on(index, &index->moved, deadline_ms);
    }
    pthread_mutex_unlock(&index->lock);
    return is_current && !is_ahead;
}

// Half a release must never be seen, so when no common state is found in time there is no answer.
static enum status load_together(struct index *index, const char *const *groups, size_t count,
                                 struct group_table **ret_tables, struct error *err) {
    int64_t deadline_ms = index_now_ms() + SAME_STATE_WAIT_MS;
    while (index_now_ms() < deadline_ms) {
        enum status status = load_each(index, groups, count, ret_tables, err);
        if (status) {
            return status;
        }
        bool is_alone = false;
        if (are_of_one_state(index, ret_tables, count, deadline_ms, &is_alone)) {
            return STATUS_OK;
        }
        unref_tables(ret_tables, count);
        status = is_alone ? feed_catch_up(index, err) : STATUS_OK;
        if (status) {
            return status;
        }
    }
    return fail(err, STATUS_UNAVAILABLE, NULL,
                "The groups change faster than they can be read together; try again");
}

enum status group_load(struct index *index, const char *const *groups, size_t count,
                       struct group_table **ret_tables, struct error *err) {
    return count < 2 ? load_each(index, groups, count, ret_tables, err)
                     : load_together(index, groups, count, ret_tables, err);
}
