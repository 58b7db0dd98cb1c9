// SPDX-License-Identifier: MIT
// Parity reports: what hosts say about their own walk beside the registry's answer. They are no changes: the
// feed and its serial know nothing of them. Of each host and group the newest few are kept.
#include "registryd/store/store_handle.h"

#include "schema/base/limits.h"
#include "schema/base/list.h"

#define AT(member) offsetof(struct report_status, member)
static const struct db_column standing_columns[] = {
    {"group_name", DB_COLUMN_TEXT, AT(group), 0},
    {"equal", DB_COLUMN_BOOL, AT(equal), 0},
    {"equal_since", DB_COLUMN_TEXT, AT(equal_since), 0},
    {"report_count", DB_COLUMN_INT64, AT(report_count), 0},
};
#undef AT

#define AT(member) offsetof(struct transition_row, member)
static const struct db_column transition_columns[] = {
    {"group_name", DB_COLUMN_TEXT, AT(group), 0},
    {"host", DB_COLUMN_TEXT, AT(host), 0},
    {"environment", DB_COLUMN_TEXT, AT(environment), 0},
    {"equal", DB_COLUMN_BOOL, AT(equal), 0},
    {"equal_since", DB_COLUMN_TEXT, AT(equal_since), 0},
    {"safe", DB_COLUMN_BOOL, AT(safe), 0},
    {"first_report_at", DB_COLUMN_TEXT, AT(first_report_at), 0},
    {"last_report_at", DB_COLUMN_TEXT, AT(last_report_at), 0},
    {"reported_by", DB_COLUMN_TEXT, AT(reported_by), 0},
    {"report_count", DB_COLUMN_INT64, AT(report_count), 0},
    {"summary", DB_COLUMN_TEXT, AT(summary), 0},
    {"hosts_total", DB_COLUMN_INT64, AT(hosts_total), 0},
    {"hosts_equal", DB_COLUMN_INT64, AT(hosts_equal), 0},
    {"hosts_safe", DB_COLUMN_INT64, AT(hosts_safe), 0},
    {"group_equal_since", DB_COLUMN_TEXT, AT(group_equal_since), 0},
    {"group_safe_after", DB_COLUMN_TEXT, AT(group_safe_after), 0},
};
#undef AT

static const struct db_columns of_standing = {standing_columns, COUNT_OF(standing_columns)};
static const struct db_columns of_transition = {transition_columns, sizeof transition_columns /
                                                                        sizeof *transition_columns};

// The reports as lists, one a column.
// PostgreSQL unnests parallel arrays: element i of each list belongs to report i. So a batch is one
// statement.
struct report_lists {
    struct text *groups;
    int64_t *equals;
    struct text *summaries;
    struct text *reports;
};

static enum status make_lists(struct arena *arena, const struct report_batch *batch,
                              struct report_lists *ret_lists, struct error *err) {
    struct text *views = arena_array(arena, 3 * batch->count + 1, sizeof *views);
    int64_t *equals = arena_array(arena, batch->count + 1, sizeof *equals);
    if (!views || !equals) {
        return fail_no_memory(err);
    }
    // One allocation holds the three lists of texts, one behind the other.
    *ret_lists =
        (struct report_lists){views, equals, views + batch->count, views + 2 * batch->count};
    for (size_t i = 0; i < batch->count; i++) {
        const struct parity_report *item = &batch->items[i];
        ret_lists->groups[i] = text_from(item->group);
        ret_lists->equals[i] = item->equal;
        ret_lists->summaries[i] = text_from(item->summary);
        ret_lists->reports[i] = text_from(item->report);
    }
    return STATUS_OK;
}

enum status store_reports_add(struct store *store, struct arena *arena,
                              const struct report_batch *batch,
                              struct report_statuses *ret_standings, struct error *err) {
    struct report_lists lists;
    enum status status = make_lists(arena, batch, &lists, err);
    if (status) {
        return status;
    }
    struct db_call call = {
        SQL_REPORTS_ADD,
        .values =
            {
                [REPORTS_ADD_HOST] = db_text(batch->host),
                [REPORTS_ADD_ENVIRONMENT] = db_text(batch->environment),
                [REPORTS_ADD_ORIGIN] = db_text(batch->origin),
                [REPORTS_ADD_ACTOR] = db_text(batch->actor),
                [REPORTS_ADD_KEPT] = db_int64(LIMIT_REPORT_HISTORY),
                [REPORTS_ADD_GROUPS] = db_text_list(lists.groups, batch->count),
                [REPORTS_ADD_EQUALS] = db_int64_list(lists.equals, batch->count),
                [REPORTS_ADD_SUMMARIES] = db_text_list(lists.summaries, batch->count),
                [REPORTS_ADD_REPORTS] = db_text_list(lists.reports, batch->count),
                [REPORTS_ADD_KEPT_BYTES] = db_int64(LIMIT_REPORT_HISTORY_BYTES),
                [REPORTS_ADD_NEW_STATES] = db_int64(LIMIT_REPORT_NEW_STATES),
            },
    };
    struct store_query query = {.call = &call, .columns = &of_standing, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct report_status)};
    status = store_run_many(store, &query, &list, err);
    if (status) {
        return status;
    }
    // The statement returns a row for each group it took. None at all means that it refused the
    // batch.
    if (!list.count) {
        return fail(err, STATUS_TOO_MANY, NULL,
                    "The token \"%s\" has reported about %d new groups of hosts today, and no more "
                    "are allowed. Retry tomorrow, or use another token.",
                    batch->actor, LIMIT_REPORT_NEW_STATES);
    }
    *ret_standings = (struct report_statuses){list.items, list.count};
    return STATUS_OK;
}

// A group needs both: every host agrees, and each has agreed for as long as it asked for.
bool transition_is_safe(const struct transition_row *row) {
    return row->group_equal_since && row->hosts_safe == row->hosts_total;
}

enum status store_transition_load(struct store *store, struct arena *arena,
                                  const struct transition_query *query,
                                  struct transition_rows *ret_rows, struct error *err) {
    struct db_call call = {
        SQL_TRANSITION_PAGE,
        .values =
            {
                [TRANSITION_PAGE_GROUPS] = db_text_list(query->groups, query->group_count),
                [TRANSITION_PAGE_HOST] = db_text(query->host),
                [TRANSITION_PAGE_AFTER] = db_text(query->page.after ? query->page.after : ""),
                [TRANSITION_PAGE_ROW_LIMIT] = db_int64((int64_t)query->page.limit + 1),
            },
    };
    struct store_query run = {.call = &call, .columns = &of_transition, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct transition_row)};
    enum status status = store_run_page(store, &run, &query->page, &list, err);
    if (status) {
        return status;
    }
    *ret_rows = (struct transition_rows){list.items, list.count, list.more};
    return STATUS_OK;
}

// ---- the reports of one host ----

#define AT(member) offsetof(struct report_point, member)
static const struct db_column point_columns[] = {
    {"at_ms", DB_COLUMN_INT64, AT(at_ms), 0},
    {"equal", DB_COLUMN_BOOL, AT(equal), 0},
    {"same", DB_COLUMN_INT64, AT(same), 0},
    {"only_walk", DB_COLUMN_INT64, AT(only_walk), 0},
    {"only_registry", DB_COLUMN_INT64, AT(only_registry), 0},
    {"changed", DB_COLUMN_INT64, AT(changed), 0},
};
#undef AT
static const struct db_columns of_point = {point_columns, COUNT_OF(point_columns)};

enum status store_report_history_load(struct store *store, struct arena *arena,
                                      const struct transition_row *row,
                                      struct report_points *ret_points, struct error *err) {
    struct db_call call = {SQL_REPORT_HISTORY,
                           .values = {
                               [REPORT_HISTORY_GROUP_NAME] = db_text(row->group),
                               [REPORT_HISTORY_HOST] = db_text(row->host),
                               [REPORT_HISTORY_ENVIRONMENT] = db_text(row->environment),
                           }};
    struct store_query query = {.call = &call, .columns = &of_point, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct report_point)};
    enum status status = store_run_many(store, &query, &list, err);
    if (!status) {
        *ret_points = (struct report_points){list.items, list.count};
    }
    return status;
}
