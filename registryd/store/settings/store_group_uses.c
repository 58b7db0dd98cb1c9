// SPDX-License-Identifier: MIT
// Two lists that are read in pages, because a group can have as many releases as the registry: the caller looks at
// each page and keeps only what breaks the contract.
#include "registryd/store/settings/store_group_uses.h"

#include "registryd/store/store_handle.h"
#include "schema/base/list.h"

#define AT(member) offsetof(struct group_release, member)
static const struct db_column release_columns[] = {
    {"id", DB_COLUMN_INT64, AT(id), 0},
    {"package", DB_COLUMN_TEXT, AT(package), 0},
    {"version", DB_COLUMN_TEXT, AT(version), 0},
    {"entries", DB_COLUMN_TEXT, AT(entries), 0},
};
#undef AT

enum status store_group_releases_load(struct store *store, struct arena *arena,
                                      const struct group_page *page,
                                      struct group_releases *ret_releases, struct error *err) {
    static const struct db_columns columns = {release_columns, COUNT_OF(release_columns)};
    struct db_call call = {SQL_GROUP_RELEASES,
                           .values = {[GROUP_RELEASES_GROUP_NAME] = db_text(page->group),
                                      [GROUP_RELEASES_AFTER] = db_int64(page->after_id),
                                      [GROUP_RELEASES_ROW_LIMIT] = db_int64(page->limit)}};
    struct store_query query = {.call = &call, .columns = &columns, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct group_release)};
    enum status status = store_run_many(store, &query, &list, err);
    if (status) {
        return status;
    }
    *ret_releases = (struct group_releases){list.items, list.count};
    return STATUS_OK;
}

#define AT(member) offsetof(struct group_setting, member)
static const struct db_column setting_columns[] = {
    {"environment", DB_COLUMN_TEXT, AT(environment), 0},
    {"package", DB_COLUMN_TEXT, AT(package), 0},
    {"settings", DB_COLUMN_TEXT, AT(settings), 0},
    {"entries", DB_COLUMN_TEXT, AT(entries), 0},
};
#undef AT

enum status store_group_settings_load(struct store *store, struct arena *arena,
                                      const struct group_page *page,
                                      struct group_settings *ret_settings, struct error *err) {
    static const struct db_columns columns = {setting_columns, COUNT_OF(setting_columns)};
    struct db_call call = {
        SQL_GROUP_SETTINGS,
        .values = {[GROUP_SETTINGS_GROUP_NAME] = db_text(page->group),
                   [GROUP_SETTINGS_ENVIRONMENT] = db_text(page->after_environment),
                   [GROUP_SETTINGS_PACKAGE] = db_text(page->after_package),
                   [GROUP_SETTINGS_ROW_LIMIT] = db_int64(page->limit)}};
    struct store_query query = {.call = &call, .columns = &columns, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct group_setting)};
    enum status status = store_run_many(store, &query, &list, err);
    if (status) {
        return status;
    }
    *ret_settings = (struct group_settings){list.items, list.count};
    return STATUS_OK;
}
