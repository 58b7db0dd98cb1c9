// SPDX-License-Identifier: MIT
// One statement; the reports' texts stay in the database.
#include "registryd/store/store_report_history.h"

#include "registryd/store/store_handle.h"
#include "schema/base/list.h"

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
