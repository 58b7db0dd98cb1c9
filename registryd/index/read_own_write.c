// SPDX-License-Identifier: MIT
// A publisher's shortcut past the feed. A release that concerns no group in memory changes nothing
// there, so the point may move on as soon as everything before it is applied; publishers of one commit
// move it on one after the other. What does concern a group is the feed's work, as any other change.
#include "registryd/index/index_state.h"
#include "registryd/index/package_pages.h"
#include "schema/base/clock.h"

#include <string.h>

enum { MAX_GROUPS_LOOKED_AT = 256 }; // it is done under the lock

static bool is_named(const struct own_write *change, const char *group) {
    if (!*group) { // of all groups
        return change->entry_point_count > 0;
    }
    for (size_t i = 0; i < change->entry_point_count; i++) {
        if (strcmp(change->entry_points[i].group, group) == 0) {
            return true;
        }
    }
    return false;
}

// Under the lock. A group that is being loaded may be read from before the change, so it counts.
static bool concerns_memory(struct index *index, const struct own_write *change) {
    if (group_map_count(index->groups) > MAX_GROUPS_LOOKED_AT) {
        return true;
    }
    struct group *group = group_map_next(index->groups, NULL);
    for (; group; group = group_map_next(index->groups, group)) {
        if (!group->table || is_named(change, group->name) ||
            group_table_find(group->table, change->package)) {
            return true;
        }
    }
    return false;
}

static bool is_next(const struct index *index, const struct own_write *change) {
    return index->point.serial + 1 == change->point.serial &&
           strcmp(index->point.epoch, change->point.epoch) == 0;
}

// A publish that concerns nothing in memory needs no reading back: the serial just moves on. All others wait
// for the feed.
bool index_apply_own(struct index *index, const struct own_write *change, int timeout_ms) {
    int64_t deadline_ms = monotonic_ms() + timeout_ms;
    bool in_time = true;
    index_require(index, &change->point);
    pthread_mutex_lock(&index->lock);
    while (!index_has_reached(index, &change->point) && index->running && in_time) {
        if (is_next(index, change) && !concerns_memory(index, change)) {
            index->point.serial++;
            package_pages_forget_one(index->pages, index->cache, change->package);
            pthread_cond_broadcast(&index->moved);
        } else {
            in_time = index_wait_on(index, &index->moved, deadline_ms);
        }
    }
    bool is_applied = index_has_reached(index, &change->point);
    pthread_mutex_unlock(&index->lock);
    return is_applied;
}
