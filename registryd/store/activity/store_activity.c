// SPDX-License-Identifier: MIT
// Both statements are led by an index on the first member of the filter that is given, so neither ever reads all
// changes to find a few. They have the same parameters and differ in the direction alone.
#include "registryd/store/activity/store_activity.h"

#include "registryd/store/store_handle.h"

bool changes_filter_is_empty(const struct changes_filter *filter) {
    return !filter->package && !filter->group && !filter->environment && !filter->actor &&
           !filter->kind;
}

enum status store_changes_after(struct store *store, struct arena *arena,
                                const struct activity_query *query, struct changes *ret_changes,
                                struct error *err) {
    const struct changes_filter *filter = &query->filter;
    struct db_call call = {SQL_CHANGES_MATCHING,
                           .values = {
                               [CHANGES_MATCHING_SINCE] = db_int64(query->place),
                               [CHANGES_MATCHING_ROW_LIMIT] = db_int64(query->limit),
                               [CHANGES_MATCHING_PACKAGE] = db_text(filter->package),
                               [CHANGES_MATCHING_GROUP_NAME] = db_text(filter->group),
                               [CHANGES_MATCHING_ENVIRONMENT] = db_text(filter->environment),
                               [CHANGES_MATCHING_ACTOR] = db_text(filter->actor),
                               [CHANGES_MATCHING_KIND] = db_text(filter->kind),
                           }};
    return store_run_changes(store, arena, &call, ret_changes, err);
}

enum status store_changes_before(struct store *store, struct arena *arena,
                                 const struct activity_query *query, struct changes *ret_changes,
                                 struct error *err) {
    const struct changes_filter *filter = &query->filter;
    struct db_call call = {SQL_CHANGES_BEFORE,
                           .values = {
                               [CHANGES_BEFORE_BEFORE] = db_int64(query->place),
                               [CHANGES_BEFORE_ROW_LIMIT] = db_int64(query->limit),
                               [CHANGES_BEFORE_PACKAGE] = db_text(filter->package),
                               [CHANGES_BEFORE_GROUP_NAME] = db_text(filter->group),
                               [CHANGES_BEFORE_ENVIRONMENT] = db_text(filter->environment),
                               [CHANGES_BEFORE_ACTOR] = db_text(filter->actor),
                               [CHANGES_BEFORE_KIND] = db_text(filter->kind),
                           }};
    return store_run_changes(store, arena, &call, ret_changes, err);
}
