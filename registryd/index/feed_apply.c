// SPDX-License-Identifier: MIT
// Applying changes: take every group in memory, load the packages that changed as they are now, make
// new tables aside, and swap all of them in together with the new point. What is loaded may already
// show a later change; so the changes are read again until none concerns a group in memory, and what is
// swapped in is one state of the registry. Under a stream of changes that never pauses it gives up after
// a few rounds, and readers who need one state wait for the next.
#include "registryd/index/feed.h"

#include "schema/base/cleanup.h"

#include <string.h>

enum { BATCH = 500, MAX_ROUNDS = 4 };

// A group to refresh: `fresh` starts as its table and collects the changes.
struct refresh {
    struct group_table *old;
    struct group_table *fresh;
    bool is_changed; // in this round
    bool failed;     // leave it out of memory: it is loaded anew when asked for
};

struct refreshes {
    struct refresh *items;
    size_t count;
};

CLEANUP_DEFINE(struct arena *, cleanup_arena, arena_free)

static void refreshes_done(struct refreshes *refreshes) {
    for (size_t i = 0; i < refreshes->count; i++) {
        group_table_unref(refreshes->items[i].old);
        group_table_unref(refreshes->items[i].fresh);
    }
}

// Forgets everything: another history.
static void start_over(struct index *index, const struct history_point *point) {
    pthread_mutex_lock(&index->lock);
    struct group *group = group_map_next(index->groups, NULL);
    while (group) {
        struct group *next = group_map_next(index->groups, group);
        group->touched = INT64_MAX;
        if (group->table) {
            group_map_remove(index->groups, group);
        }
        group = next;
    }
    index->point = *point;
    pthread_cond_broadcast(&index->moved);
    pthread_mutex_unlock(&index->lock);
}

// References to every table in memory.
static enum status begin_refreshes(struct index *index, struct arena *arena,
                                   struct refreshes *refreshes) {
    pthread_mutex_lock(&index->lock);
    size_t room = group_map_count(index->groups);
    refreshes->items = arena_array(arena, room + 1, sizeof *refreshes->items);
    struct group *group = refreshes->items ? group_map_next(index->groups, NULL) : NULL;
    for (; group; group = group_map_next(index->groups, group)) {
        group->followed = group->table;
        if (group->table) {
            struct refresh *refresh = &refreshes->items[refreshes->count++];
            refresh->old = group_table_ref(group->table);
            refresh->fresh = group_table_ref(group->table);
        }
    }
    pthread_mutex_unlock(&index->lock);
    return refreshes->items ? STATUS_OK : STATUS_NO_MEMORY;
}

// A package belongs into a table when the change names the group, and also when it is there already:
// a new release may have dropped the group.
static bool concerns(const struct change *change, const struct group_table *table) {
    for (size_t i = 0; i < change->groups.count; i++) {
        if (strcmp(change->groups.items[i], table->group) == 0) {
            return true;
        }
    }
    return group_table_find(table, change->package);
}

static bool was_refreshed(const struct changes *changes, size_t at,
                          const struct group_table *table) {
    for (size_t i = 0; i < at; i++) {
        const struct change *change = &changes->items[i];
        if (change->package && strcmp(change->package, changes->items[at].package) == 0 &&
            concerns(change, table)) {
            return true;
        }
    }
    return false;
}

static enum status refresh_package(struct index *index, struct refresh *refresh,
                                   const char *package, struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    if (!arena) {
        return fail_no_memory(err);
    }
    struct candidates candidates;
    struct group_table *fresh = NULL;
    enum status status =
        store_candidates_load(index->store, arena, refresh->old->group, package, &candidates, err);
    if (!status) {
        status = group_table_replace(refresh->fresh, package, &candidates, &fresh, err);
    }
    if (!status) {
        group_table_unref(refresh->fresh);
        refresh->fresh = fresh;
        refresh->is_changed = true;
    }
    return status;
}

// The packages of all changes in one group. Only an absent database stops the round; on any other
// failure the group is given up, since a stale one would be wrong for ever.
static enum status refresh_group(struct index *index, struct refresh *refresh,
                                 const struct changes *changes, struct error *err) {
    for (size_t i = 0; i < changes->count && !refresh->failed; i++) {
        const struct change *change = &changes->items[i];
        bool is_due = change->package && concerns(change, refresh->fresh) &&
                      !was_refreshed(changes, i, refresh->fresh);
        if (!is_due) {
            continue;
        }
        enum status status = refresh_package(index, refresh, change->package, err);
        if (status == STATUS_UNAVAILABLE) {
            return status;
        }
        refresh->failed = status != STATUS_OK;
    }
    return STATUS_OK;
}

// Groups that came into memory, or are coming, since the refreshes began may have missed changes.
static void settle_newcomers(struct index *index, int64_t serial) {
    struct group *group = group_map_next(index->groups, NULL);
    while (group) {
        struct group *next = group_map_next(index->groups, group);
        if (!group->table) {
            group->touched = group->touched > serial ? group->touched : serial;
        } else if (!group->followed && group->table->serial < serial) {
            group_map_remove(index->groups, group);
        }
        group = next;
    }
}

static void swap_in(struct index *index, struct refreshes *refreshes,
                    const struct history_point *point) {
    pthread_mutex_lock(&index->lock);
    settle_newcomers(index, point->serial);
    for (size_t i = 0; i < refreshes->count; i++) {
        struct refresh *refresh = &refreshes->items[i];
        bool is_changed = refresh->failed || refresh->fresh != refresh->old;
        struct group *group =
            is_changed ? group_map_find(index->groups, refresh->old->group) : NULL;
        if (!group || group->table != refresh->old) {
            continue; // unchanged, or pushed out meanwhile
        }
        if (refresh->failed) {
            group_map_remove(index->groups, group);
        } else {
            group_map_set(index->groups, group, take(refresh->fresh));
        }
    }
    if (point->serial > index->point.serial) { // a publisher may have moved it on: own_change.c
        index->point.serial = point->serial;
    }
    pthread_cond_broadcast(&index->moved);
    pthread_mutex_unlock(&index->lock);
}

// What one application of changes works with.
struct session {
    struct arena *arena;
    struct history_point point; // up to where changes are applied to `refreshes`
    struct changes changes;     // the next ones
    struct refreshes refreshes;
    bool is_exact; // `refreshes` show the state at `point`, nothing later
    bool is_over;  // the history is another, and everything was forgotten
};

static void session_done(struct session *session) {
    refreshes_done(&session->refreshes);
    arena_free(session->arena);
}

static enum status read_on(struct index *index, struct session *session, struct error *err) {
    struct changes changes;
    enum status status = store_changes_load(index->store, session->arena, session->point.serial,
                                            BATCH, &changes, err);
    if (status) {
        return status;
    }
    if (strcmp(changes.point.epoch, session->point.epoch) != 0 ||
        changes.point.serial < session->point.serial) {
        start_over(index, &changes.point);
        session->is_over = true;
        return STATUS_OK;
    }
    session->changes = changes;
    session->is_exact = !changes.count;
    return STATUS_OK;
}

static enum status apply_round(struct index *index, struct session *session, struct error *err) {
    const struct changes *changes = &session->changes;
    bool is_refreshed = false;
    for (size_t i = 0; i < session->refreshes.count; i++) {
        struct refresh *refresh = &session->refreshes.items[i];
        refresh->is_changed = false;
        enum status status = refresh_group(index, refresh, changes, err);
        if (status) {
            return status;
        }
        is_refreshed = is_refreshed || refresh->is_changed;
    }
    session->point.serial = changes->items[changes->count - 1].serial;
    session->is_exact = !is_refreshed && changes->count < BATCH;
    return session->is_exact ? STATUS_OK : read_on(index, session, err);
}

// Applies changes until there are none, or for a few rounds; then *ret_more is true.
static enum status apply(struct index *index, bool *ret_more, struct error *err) {
    scoped(session_done) struct session session = {.arena = arena_new(0)};
    if (!session.arena) {
        return fail_no_memory(err);
    }
    index_point(index, &session.point);
    enum status status = read_on(index, &session, err);
    if (status || session.is_over || session.is_exact) {
        return status;
    }
    if (begin_refreshes(index, session.arena, &session.refreshes)) {
        return fail_no_memory(err);
    }
    for (int round = 0; round < MAX_ROUNDS && !session.is_exact; round++) {
        status = apply_round(index, &session, err);
        if (status || session.is_over) {
            return status;
        }
    }
    swap_in(index, &session.refreshes, &session.point);
    *ret_more = !session.is_exact;
    return STATUS_OK;
}

enum status feed_catch_up(struct index *index, struct error *err) {
    pthread_mutex_lock(&index->applying);
    enum status status = STATUS_OK;
    bool more = true;
    while (more && !status) {
        more = false;
        status = apply(index, &more, err);
    }
    pthread_mutex_unlock(&index->applying);
    return status;
}
