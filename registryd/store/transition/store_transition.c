// SPDX-License-Identifier: MIT
// Reports are no changes, so these rows have no serial: each is as the database has it now. Lists of names and hosts come
// one a line, cut by the statement, and their counts are whole.
#include "registryd/store/transition/store_transition.h"

#include "registryd/store/store_handle.h"
#include "schema/base/list.h"

enum { GROUPS_MAX = 200, COMMON_MAX = 40 };

#define AT(member) offsetof(struct host_row, member)
static const struct db_column host_columns[] = {
    {"group_name", DB_COLUMN_TEXT, AT(group), 0},
    {"host", DB_COLUMN_TEXT, AT(host), 0},
    {"environment", DB_COLUMN_TEXT, AT(environment), 0},
    {"state", DB_COLUMN_TEXT, AT(state), 0},
    {"since", DB_COLUMN_TEXT, AT(since), 0},
    {"safe_after", DB_COLUMN_TEXT, AT(safe_after), 0},
    {"last_report_at", DB_COLUMN_TEXT, AT(last_report_at), 0},
    {"reported_by", DB_COLUMN_TEXT, AT(reported_by), 0},
    {"report_count", DB_COLUMN_INT64, AT(report_count), 0},
    {"differences", DB_COLUMN_INT64, AT(differences), 0},
    {"spark", DB_COLUMN_TEXT, AT(spark), 0},
    {"hosts_differ", DB_COLUMN_INT64, AT(hosts_differ), 0},
    {"hosts_wait", DB_COLUMN_INT64, AT(hosts_wait), 0},
    {"hosts_safe", DB_COLUMN_INT64, AT(hosts_safe), 0},
    {"hosts_empty", DB_COLUMN_INT64, AT(hosts_empty), 0},
};
#undef AT

enum status store_hosts_load(struct store *store, struct arena *arena,
                             const struct hosts_query *query, struct host_rows *ret_rows,
                             struct error *err) {
    static const struct db_columns columns = {host_columns, COUNT_OF(host_columns)};
    struct db_call call = {SQL_TRANSITION_HOSTS,
                           .values = {
                               [TRANSITION_HOSTS_GROUP_NAME] = db_text(query->filter.group),
                               [TRANSITION_HOSTS_STATE] = db_text(query->filter.state),
                               [TRANSITION_HOSTS_TEAM] = db_text(query->filter.team),
                               [TRANSITION_HOSTS_ROW_OFFSET] = db_int64(query->offset),
                               [TRANSITION_HOSTS_ROW_LIMIT] = db_int64(query->limit),
                           }};
    struct store_query run = {.call = &call, .columns = &columns, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct host_row)};
    enum status status = store_run_many(store, &run, &list, err);
    if (!status) {
        *ret_rows = (struct host_rows){list.items, list.count};
    }
    return status;
}

#define AT(member) offsetof(struct group_standing, member)
static const struct db_column group_columns[] = {
    {"group_name", DB_COLUMN_TEXT, AT(group), 0},
    {"hosts_total", DB_COLUMN_INT64, AT(hosts_total), 0},
    {"hosts_equal", DB_COLUMN_INT64, AT(hosts_equal), 0},
    {"is_safe", DB_COLUMN_BOOL, AT(is_safe), 0},
    {"equal_since", DB_COLUMN_TEXT, AT(equal_since), 0},
    {"safe_after", DB_COLUMN_TEXT, AT(safe_after), 0},
};
#undef AT

enum status store_group_standings_load(struct store *store, struct arena *arena, const char *group,
                                       struct group_standings *ret_standings, struct error *err) {
    static const struct db_columns columns = {group_columns, COUNT_OF(group_columns)};
    struct db_call call = {SQL_TRANSITION_GROUPS,
                           .values = {[TRANSITION_GROUPS_GROUP_NAME] = db_text(group),
                                      [TRANSITION_GROUPS_ROW_LIMIT] = db_int64(GROUPS_MAX)}};
    struct store_query run = {.call = &call, .columns = &columns, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct group_standing)};
    enum status status = store_run_many(store, &run, &list, err);
    if (!status) {
        *ret_standings = (struct group_standings){list.items, list.count};
    }
    return status;
}

// A row as it comes: the lists are split afterwards.
struct common_row {
    struct common_difference difference;
    const char *names; // one a line
    const char *hosts; // one a line
};

#define AT(member) offsetof(struct common_row, member)
static const struct db_column common_columns[] = {
    {"group_name", DB_COLUMN_TEXT, AT(difference.group), 0},
    {"kind", DB_COLUMN_TEXT, AT(difference.kind), 0},
    {"names", DB_COLUMN_TEXT, AT(names), 0},
    {"name_count", DB_COLUMN_INT64, AT(difference.name_count), 0},
    {"hosts", DB_COLUMN_TEXT, AT(hosts), 0},
    {"host_count", DB_COLUMN_INT64, AT(difference.host_count), 0},
};
#undef AT

static enum status split_lists(struct arena *arena, const struct common_row *rows, size_t count,
                               struct common_differences *ret_differences, struct error *err) {
    struct common_difference *items = arena_array(arena, count + 1, sizeof *items);
    bool is_good = items != NULL;
    for (size_t i = 0; i < count && is_good; i++) {
        items[i] = rows[i].difference;
        is_good = store_split_lines(arena, rows[i].names, &items[i].names) &&
                  store_split_lines(arena, rows[i].hosts, &items[i].hosts);
    }
    if (!is_good) {
        return fail_no_memory(err);
    }
    *ret_differences = (struct common_differences){items, count};
    return STATUS_OK;
}

enum status store_common_differences_load(struct store *store, struct arena *arena,
                                          const struct hosts_filter *filter,
                                          struct common_differences *ret_differences,
                                          struct error *err) {
    static const struct db_columns columns = {common_columns, COUNT_OF(common_columns)};
    struct db_call call = {SQL_TRANSITION_COMMON,
                           .values = {
                               [TRANSITION_COMMON_GROUP_NAME] = db_text(filter->group),
                               [TRANSITION_COMMON_STATE] = db_text(filter->state),
                               [TRANSITION_COMMON_TEAM] = db_text(filter->team),
                               [TRANSITION_COMMON_ROW_LIMIT] = db_int64(COMMON_MAX),
                           }};
    struct store_query run = {.call = &call, .columns = &columns, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct common_row)};
    enum status status = store_run_many(store, &run, &list, err);
    return status ? status : split_lists(arena, list.items, list.count, ret_differences, err);
}

#define AT(member) offsetof(struct progress_point, member)
static const struct db_column progress_columns[] = {
    {"at_ms", DB_COLUMN_INT64, AT(at_ms), 0},
    {"hosts_total", DB_COLUMN_INT64, AT(hosts_total), 0},
    {"hosts_equal", DB_COLUMN_INT64, AT(hosts_equal), 0},
};
#undef AT

enum status store_progress_load(struct store *store, struct arena *arena,
                                const struct hosts_filter *filter,
                                struct progress_points *ret_points, struct error *err) {
    static const struct db_columns columns = {progress_columns, COUNT_OF(progress_columns)};
    struct db_call call = {SQL_TRANSITION_PROGRESS,
                           .values = {[TRANSITION_PROGRESS_GROUP_NAME] = db_text(filter->group),
                                      [TRANSITION_PROGRESS_TEAM] = db_text(filter->team)}};
    struct store_query run = {.call = &call, .columns = &columns, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct progress_point)};
    enum status status = store_run_many(store, &run, &list, err);
    if (!status) {
        *ret_points = (struct progress_points){list.items, list.count};
    }
    return status;
}
