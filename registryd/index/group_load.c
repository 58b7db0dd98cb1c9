// SPDX-License-Identifier: MIT
// Loading with one loader per group, page by page. What the feed applied meanwhile may be missing from
// the pages read before; so the table is brought up to date, change by change, while the feed is kept
// out for a moment, and then put in.
#include "registryd/index/group_load.h"

#include "registryd/index/feed.h"
#include "registryd/index/refresh.h"
#include "schema/base/clock.h"

#include <stdlib.h>
#include <string.h>

enum { LOADER_WAIT_MS = 20000, CHANGES_BATCH = 500, SAME_STATE_WAIT_MS = 2000 };

// Under the lock: the package as another table in memory has it, if it is the same; owned.
// Entries are sorted by group, so a group that repeats is looked up once.
static struct package *find_equal(struct index *index, const struct package *package) {
    const char *before = "";
    const struct package_release *newest = package->releases;
    for (uint32_t i = 0; package->release_count && i <= newest->entry_count; i++) {
        const char *group = i ? newest->entries[i - 1].group : "";
        struct group *other =
            i && strcmp(group, before) == 0 ? NULL : group_map_find(index->groups, group);
        struct package *known =
            other && other->table ? group_table_find(other->table, package->name) : NULL;
        if (known && package_equals(known, package)) {
            return package_ref(known);
        }
        before = group;
    }
    return NULL;
}

struct package *group_load_share(struct index *index, struct package *package) {
    pthread_mutex_lock(&index->lock);
    struct package *known = find_equal(index, package);
    pthread_mutex_unlock(&index->lock);
    if (known) {
        package_unref(package);
    }
    return known ? known : package;
}

// Packages as they come in.
struct intake {
    struct package **items;
    size_t count;
    size_t capacity;
    struct history_point first; // of the oldest page: what changed since may be missing
    int64_t newest;             // serial of the last page
};

static void intake_done(struct intake *intake) {
    for (size_t i = 0; i < intake->count; i++) {
        package_unref(intake->items[i]);
    }
    free(intake->items);
}

static bool make_room(struct intake *intake, size_t count) {
    if (intake->count + count <= intake->capacity) {
        return true;
    }
    size_t capacity = 2 * intake->capacity + count;
    struct package **items = realloc(intake->items, capacity * sizeof *items);
    if (!items) {
        return false;
    }
    intake->items = items;
    intake->capacity = capacity;
    return true;
}

static enum status take_in(struct index *index, struct intake *intake, const char *group,
                           const struct candidates *page, struct error *err) {
    if (!make_room(intake, page->count)) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < page->count; i++) {
        struct package *package = NULL;
        enum status status = package_new(&page->packages[i], &package, err);
        if (status) {
            return status;
        }
        if (package_is_in(package, group)) {
            intake->items[intake->count++] = group_load_share(index, package);
        } else {
            package_unref(package);
        }
    }
    return STATUS_OK;
}

// Takes in the page that follows query->after, and moves query->after on; 0 when it was the last.
static enum status fetch_page(struct index *index, struct arena *arena,
                              struct candidate_query *query, struct intake *intake,
                              struct error *err) {
    struct candidates page = {0};
    enum status status = store_candidates_load(index->reading, arena, query, &page, err);
    if (status) {
        return status;
    }
    bool is_first = !*intake->first.epoch;
    if (is_first) {
        intake->first = page.point;
    } else if (strcmp(page.point.epoch, intake->first.epoch) != 0) {
        return fail(err, STATUS_UNAVAILABLE, NULL,
                    "The registry was restored from a backup while it was read; try again");
    }
    intake->newest = page.point.serial;
    query->after = page.last;
    return take_in(index, intake, query->group, &page, err);
}

// Pages are separate statements, so that no transaction stays open for the minutes that a large group takes;
// what changes between them is caught up afterwards.
static enum status fetch_pages(struct index *index, const char *group, struct intake *intake,
                               struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    if (!arena) {
        return fail_no_memory(err);
    }
    struct candidate_query query = {.group = group};
    do {
        enum status status = fetch_page(index, arena, &query, intake, err);
        if (status) {
            return status;
        }
        arena_reset(arena);
    } while (query.after);
    return STATUS_OK;
}

static int compare_packages(const void *a, const void *b) {
    return strcmp((*(struct package *const *)a)->name, (*(struct package *const *)b)->name);
}

enum status group_load_aside(struct index *index, const char *group, struct group_table **ret_table,
                             struct history_point *ret_first, struct error *err) {
    scoped(intake_done) struct intake intake = {0};
    enum status status = fetch_pages(index, group, &intake, err);
    if (status) {
        return status;
    }
    if (intake.count) {
        qsort(intake.items, intake.count, sizeof *intake.items, compare_packages);
    }
    *ret_table = group_table_build(group, intake.newest, intake.items, intake.count);
    *ret_first = intake.first;
    return *ret_table ? STATUS_OK : fail_no_memory(err);
}

// While nothing is applied: brings a table from `since` to the index's point.
static enum status catch_up(struct index *index, struct group_table **table, int64_t since,
                            struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct history_point point;
    index_point(index, &point);
    if (!arena) {
        return fail_no_memory(err);
    }
    struct refresh refresh;
    refresh_init(&refresh, *table);
    scoped(refreshes_done) struct refreshes refreshes = {&refresh, 1};
    while (since < point.serial) {
        struct changes changes;
        bool is_changed = false;
        enum status status =
            store_changes_load(index->store, arena, since, CHANGES_BATCH, &changes, err);
        if (status) {
            return status;
        }
        if (point.epoch[0] && strcmp(changes.point.epoch, point.epoch) != 0) {
            return fail(err, STATUS_UNAVAILABLE, NULL,
                        "The registry got another history while a group was loaded. Try again");
        }
        status = refreshes_apply(index, &refreshes, &changes, &is_changed, err);
        if (status) {
            return status;
        }
        if (refresh.failed) {
            return fail_no_memory(err);
        }
        since = changes.count ? changes.items[changes.count - 1].serial : point.serial;
    }
    group_table_unref(*table);
    *table = group_table_ref(refresh.fresh);
    return STATUS_OK;
}

// An index without an epoch has applied nothing yet, so a table of any epoch will do.
static bool is_of_epoch(struct index *index, const struct history_point *point) {
    struct history_point now;
    index_point(index, &now);
    return !now.epoch[0] || strcmp(now.epoch, point->epoch) == 0;
}

// While nothing is applied: a table of the index's epoch. When the table is of another, the feed is behind the
// database: it follows now, and the table is fetched once more.
static enum status agree(struct index *index, const char *group, struct group_table **table,
                         struct history_point *first, struct error *err) {
    if (is_of_epoch(index, first)) {
        return STATUS_OK;
    }
    enum status status = feed_follow_history(index, err);
    if (status) {
        return status;
    }
    group_table_unref(take(*table));
    status = group_load_aside(index, group, table, first, err);
    if (status || is_of_epoch(index, first)) {
        return status;
    }
    return fail(err, STATUS_UNAVAILABLE, NULL,
                "The registry gets another history at this moment. Try again");
}

// While nothing is applied: puts a table of this epoch in, brought up to date.
static enum status install(struct index *index, struct group *group, struct group_table **table,
                           struct history_point *first, struct error *err) {
    enum status status = agree(index, group->name, table, first, err);
    if (status) {
        return status;
    }
    status = catch_up(index, table, first->serial, err);
    if (status) {
        return status;
    }
    pthread_mutex_lock(&index->lock);
    group_map_set(index->groups, group, group_table_ref(*table));
    pthread_cond_broadcast(&index->loaded);
    pthread_mutex_unlock(&index->lock);
    return STATUS_OK;
}

static void give_up(struct index *index, struct group *group) {
    pthread_mutex_lock(&index->lock);
    group_map_remove(index->groups, group);
    index->failed_loads++;
    pthread_cond_broadcast(&index->loaded);
    pthread_mutex_unlock(&index->lock);
}

static enum status load_group(struct index *index, struct group *group,
                              struct group_table **ret_table, struct error *err) {
    scoped(cleanup_group_table) struct group_table *table = NULL;
    struct history_point first;
    enum status status = group_load_aside(index, group->name, &table, &first, err);
    if (!status) {
        pthread_mutex_lock(&index->applying);
        status = install(index, group, &table, &first, err);
        pthread_mutex_unlock(&index->applying);
    }
    if (status) {
        give_up(index, group);
        return status;
    }
    *ret_table = take(table);
    return STATUS_OK;
}

// Under the lock: the table of a group in memory, once whoever loads it is done; NULL when it is not in
// memory. *ret_failed: it could not be loaded, or not in time.
static struct group_table *await_table(struct index *index, const char *name, bool *ret_failed) {
    int64_t deadline_ms = monotonic_ms() + LOADER_WAIT_MS;
    // A group may vanish because its load failed, or because others pushed it out. The count says
    // whether a load failed meanwhile.
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

// The first request for a group loads it; others wait for that one load and share its table, or its failure.
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
    int64_t deadline_ms = monotonic_ms() + SAME_STATE_WAIT_MS;
    while (monotonic_ms() < deadline_ms) {
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
