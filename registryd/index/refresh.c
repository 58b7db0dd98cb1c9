// SPDX-License-Identifier: MIT
// A change names its package; which tables that concerns is told by its groups, by the tables that have
// the package (a new release may have dropped a group), and after loading by the package itself.
#include "registryd/index/refresh.h"

#include "registryd/tables/required_table.h"
#include "schema/base/cleanup.h"

#include <string.h>

void refresh_init(struct refresh *refresh, struct group_table *old) {
    *refresh = (struct refresh){group_table_ref(old), group_table_ref(old), false};
}

void refreshes_done(struct refreshes *refreshes) {
    for (size_t i = 0; i < refreshes->count; i++) {
        group_table_unref(refreshes->items[i].old);
        group_table_unref(refreshes->items[i].fresh);
    }
}

static bool concerns(const struct change *change, const struct refresh *refresh) {
    const char *group = refresh->fresh->group;
    for (size_t i = 0; i < change->groups.count; i++) {
        if (!*group || strcmp(change->groups.items[i], group) == 0) {
            return true;
        }
    }
    return group_table_find(refresh->fresh, change->package);
}

static bool concerns_any(const struct change *change, const struct refreshes *refreshes) {
    for (size_t i = 0; i < refreshes->count; i++) {
        if (!refreshes->items[i].failed && concerns(change, &refreshes->items[i])) {
            return true;
        }
    }
    return false;
}

// Loading reads the package as it is now. So the first load serves every later change of it in the
// batch.
static bool is_repeated(const struct changes *changes, size_t at) {
    for (size_t i = 0; i < at; i++) {
        const struct change *change = &changes->items[i];
        if (change->package && strcmp(change->package, changes->items[at].package) == 0) {
            return true;
        }
    }
    return false;
}

// The package as it is now; NULL when there is none.
static enum status load_package(struct index *index, const char *name, struct package **ret_package,
                                struct history_point *ret_point, struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    if (!arena) {
        return fail_no_memory(err);
    }
    struct candidate_query query = {.group = "", .package = name};
    struct candidates candidates;
    enum status status = store_candidates_load(index->store, arena, &query, &candidates, err);
    if (status) {
        return status;
    }
    *ret_point = candidates.point;
    *ret_package = NULL;
    return candidates.count ? package_new(&candidates.packages[0], ret_package, err) : STATUS_OK;
}

// A package that no longer has entry points in the group is taken out of its table (NULL).
static void put(struct refresh *refresh, const char *name, struct package *package,
                int64_t serial) {
    bool is_required = strcmp(refresh->fresh->group, REQUIRED_GROUP) == 0;
    bool belongs = package && !is_required && package_is_in(package, refresh->fresh->group);
    if (refresh->failed || (!belongs && !group_table_find(refresh->fresh, name))) {
        return;
    }
    struct group_table *fresh =
        is_required ? required_table_replace(refresh->fresh, name, package, serial)
                    : group_table_replace(refresh->fresh, name, belongs ? package : NULL, serial);
    refresh->failed = !fresh;
    if (fresh) {
        group_table_unref(refresh->fresh);
        refresh->fresh = fresh;
    }
}

static enum status refresh_package(struct index *index, struct refreshes *refreshes,
                                   const struct change *change, const char *epoch,
                                   struct error *err) {
    scoped(cleanup_package) struct package *package = NULL;
    struct history_point point = {0};
    enum status status = load_package(index, change->package, &package, &point, err);
    if (!status && strcmp(point.epoch, epoch) != 0) {
        return fail(err, STATUS_UNAVAILABLE, NULL,
                    "The registry got another history while a package was read. Try again");
    }
    // An absent database is no fault of the package, so no table is marked as failed.
    if (status == STATUS_UNAVAILABLE) {
        return status;
    }
    for (size_t i = 0; i < refreshes->count; i++) {
        struct refresh *refresh = &refreshes->items[i];
        if (!status) {
            put(refresh, change->package, package, point.serial);
        } else if (concerns(change, refresh)) {
            refresh->failed = true; // a stale table would be wrong for ever
        }
    }
    return STATUS_OK;
}

// Several changes of one package in a batch cost one load: only the last one counts.
enum status refreshes_apply(struct index *index, struct refreshes *refreshes,
                            const struct changes *changes, bool *ret_changed, struct error *err) {
    *ret_changed = false;
    for (size_t i = 0; i < changes->count; i++) {
        const struct change *change = &changes->items[i];
        if (!change->package || is_repeated(changes, i) || !concerns_any(change, refreshes)) {
            continue;
        }
        enum status status = refresh_package(index, refreshes, change, changes->point.epoch, err);
        if (status) {
            return status;
        }
        *ret_changed = true;
    }
    return STATUS_OK;
}
