// SPDX-License-Identifier: MIT
// Names are looked up in batches while nothing is applied: what is read then is of the index's state or a later
// one, and the feed applies every later change to the table again. Growing replaces no package, so it forgets no
// answer.
#include "registryd/index/required.h"

#include "registryd/index/feed.h"
#include "registryd/index/group_load.h"
#include "registryd/tables/required_table.h"

#include <string.h>

enum { BATCH = 1000 };

struct group_table *required_find(struct index *index) {
    pthread_mutex_lock(&index->lock);
    const struct group *group = group_map_find(index->groups, REQUIRED_GROUP);
    struct group_table *table = group ? group_table_ref(group->table) : NULL;
    pthread_mutex_unlock(&index->lock);
    return table;
}

// Replaces *table by one with the package.
static enum status put(struct group_table **table, const char *name, struct package *package,
                       int64_t serial, struct error *err) {
    struct group_table *next = required_table_replace(*table, name, package, serial);
    if (!next) {
        return fail_no_memory(err);
    }
    group_table_unref(*table);
    *table = next;
    return STATUS_OK;
}

static enum status put_found(struct index *index, const struct candidates *found,
                             struct group_table **table, struct error *err) {
    for (size_t i = 0; i < found->count; i++) {
        struct package *made = NULL;
        enum status status = package_new(&found->packages[i], &made, err);
        if (status) {
            return status;
        }
        scoped(cleanup_package) struct package *package = group_load_share(index, made);
        status = put(table, package->name, package, found->point.serial, err);
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

// The names that the database did not have.
static enum status put_nothing(const struct strings *names, int64_t serial,
                               struct group_table **table, struct error *err) {
    enum status status = STATUS_OK;
    for (size_t i = 0; i < names->count && !status; i++) {
        if (!group_table_find(*table, names->items[i])) {
            status = put(table, names->items[i], NULL, serial, err);
        }
    }
    return status;
}

// Names that are not packages are noted too, so that they are not looked up for every question.
static enum status add_batch(struct index *index, const struct strings *names, const char *epoch,
                             struct group_table **table, struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    const struct candidate_query query = {.group = "", .names = *names};
    struct candidates found = {0};
    if (!arena) {
        return fail_no_memory(err);
    }
    enum status status = store_candidates_load(index->reading, arena, &query, &found, err);
    if (status) {
        return status;
    }
    if (epoch[0] && strcmp(epoch, found.point.epoch) != 0) {
        return fail(err, STATUS_UNAVAILABLE, NULL,
                    "The registry was restored from a backup; try again");
    }
    status = put_found(index, &found, table, err);
    return status ? status : put_nothing(names, found.point.serial, table, err);
}

static enum status add(struct index *index, const struct strings *names, const char *epoch,
                       struct group_table **table, struct error *err) {
    enum status status = STATUS_OK;
    for (size_t at = 0; at < names->count && !status; at += BATCH) {
        size_t rest = names->count - at;
        const struct strings batch = {names->items + at, rest < BATCH ? rest : BATCH};
        status = add_batch(index, &batch, epoch, table, err);
    }
    return status;
}

// The names are the old table's, which outlives this.
enum status required_load_aside(struct index *index, const struct group_table *old,
                                const char *epoch, struct group_table **ret_table,
                                struct error *err) {
    scoped(cleanup_group_table) struct group_table *table = group_table_new(REQUIRED_GROUP, 0);
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    const char **names = arena ? arena_array(arena, old->count + 1, sizeof *names) : NULL;
    if (!table || !names) {
        return fail_no_memory(err);
    }
    struct group_cursor cursor = group_table_seek(old, "");
    for (size_t i = 0; i < old->count; i++) {
        names[i] = group_cursor_next(&cursor)->name;
    }
    enum status status = add(index, &(struct strings){names, old->count}, epoch, &table, err);
    if (!status) {
        *ret_table = take(table);
    }
    return status;
}

// Under both locks: the table takes the place of the one before. False when out of memory.
static bool install(struct index *index, struct group_table *table, bool begins_anew) {
    struct group *group = group_map_find(index->groups, REQUIRED_GROUP);
    bool is_new = !group;
    group = group ? group : group_map_add(index->groups, REQUIRED_GROUP);
    if (group && (is_new || begins_anew)) {
        group_map_set(index->groups, group, group_table_ref(table));
    } else if (group) {
        group_map_extend(index->groups, group, group_table_ref(table));
    }
    return group;
}

// While nothing is applied.
static enum status load(struct index *index, const struct strings *names,
                        struct group_table **ret_table, struct error *err) {
    enum status status = feed_follow_history(index, err);
    if (status) {
        return status;
    }
    struct history_point point;
    index_point(index, &point);
    scoped(cleanup_group_table) struct group_table *table = required_find(index);
    bool begins_anew = table && table->count + names->count > REQUIRED_MAX;
    if (!table || begins_anew) {
        group_table_unref(table);
        table = group_table_new(REQUIRED_GROUP, 0);
    }
    status = table ? add(index, names, point.epoch, &table, err) : fail_no_memory(err);
    if (status) {
        return status;
    }
    pthread_mutex_lock(&index->lock);
    bool is_installed = install(index, table, begins_anew);
    pthread_mutex_unlock(&index->lock);
    if (!is_installed) {
        return fail_no_memory(err);
    }
    *ret_table = take(table);
    return STATUS_OK;
}

enum status required_load(struct index *index, const struct strings *names,
                          struct group_table **ret_table, struct error *err) {
    pthread_mutex_lock(&index->applying);
    enum status status = load(index, names, ret_table, err);
    pthread_mutex_unlock(&index->applying);
    return status;
}
