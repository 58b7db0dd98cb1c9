// SPDX-License-Identifier: MIT
// Lists and details for people. Lists go by name from after the cursor; one row more than asked for is
// read to know whether there are more. A detail of several statements reads one state of the database.
#include "registryd/store/store_handle.h"
#include "registryd/store/store_search.h"

#include "schema/base/cleanup.h"
#include "schema/base/list.h"

const struct db_column store_package_columns[STORE_PACKAGE_COLUMNS] = {
    {"name", DB_COLUMN_TEXT, offsetof(struct package_row, name), 0},
    {"display_name", DB_COLUMN_TEXT, offsetof(struct package_row, display_name), 0},
    {"summary", DB_COLUMN_TEXT, offsetof(struct package_row, summary), 0},
    {"latest_version", DB_COLUMN_TEXT, offsetof(struct package_row, latest_version), 0},
    {"status", DB_COLUMN_TEXT, offsetof(struct package_row, status), 0},
    {"status_reason", DB_COLUMN_TEXT, offsetof(struct package_row, status_reason), 0},
    {"replaced_by", DB_COLUMN_TEXT, offsetof(struct package_row, replaced_by), 0},
    {"release_count", DB_COLUMN_INT64, offsetof(struct package_row, release_count), 0},
    {"updated_at", DB_COLUMN_TEXT, offsetof(struct package_row, updated_at), 0},
};

static const struct db_column document_columns[] = {
    {"document", DB_COLUMN_TEXT, 0, 0},
};

#define AT(member) offsetof(struct release_row, member)
static const struct db_column release_columns[] = {
    {"version", DB_COLUMN_TEXT, AT(version), 0},
    {"prerelease", DB_COLUMN_BOOL, AT(prerelease), 0},
    {"yanked", DB_COLUMN_BOOL, AT(yanked), 0},
    {"yanked_reason", DB_COLUMN_TEXT, AT(yanked_reason), 0},
    {"state", DB_COLUMN_TEXT, AT(state), 0},
    {"state_reason", DB_COLUMN_TEXT, AT(state_reason), 0},
    {"requires_python", DB_COLUMN_TEXT, AT(requires_python), 0},
    {"published_at", DB_COLUMN_TEXT, AT(published_at), 0},
    {"published_by", DB_COLUMN_TEXT, AT(published_by), 0},
    {"digest", DB_COLUMN_TEXT, AT(digest), 0},
};
#undef AT

static const struct db_column group_columns[] = {
    {"name", DB_COLUMN_TEXT, offsetof(struct group_row, name), 0},
    {"package_count", DB_COLUMN_INT64, offsetof(struct group_row, package_count), 0},
    {"entry_point_count", DB_COLUMN_INT64, offsetof(struct group_row, entry_point_count), 0},
};

static const struct db_column name_columns[] = {{"name", DB_COLUMN_TEXT, 0, 0}};

static const struct db_columns of_release = {release_columns, COUNT_OF(release_columns)};
static const struct db_columns of_group = {group_columns, COUNT_OF(group_columns)};

// Asks for one row more than the page holds: when that row comes, there is a next page.
static struct db_call page_call(enum sql_statement statement, const struct page *page) {
    return (struct db_call){
        statement, {db_text(page->after ? page->after : ""), db_int64((int64_t)page->limit + 1)}};
}

enum status store_groups_load(struct store *store, struct arena *arena, const struct page *page,
                              struct group_rows *ret_rows, struct error *err) {
    struct db_call call = page_call(SQL_GROUPS_PAGE, page);
    struct store_query query = {.call = &call, .columns = &of_group, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct group_row)};
    enum status status = store_run_search_page(store, &query, page, &list, err);
    if (status) {
        return status;
    }
    *ret_rows = (struct group_rows){list.items, list.count, list.more};
    return STATUS_OK;
}

// Quick enough for the suggestions of a form, because nothing is counted.
enum status store_group_names_load(struct store *store, struct arena *arena,
                                   const char *const **ret_names, size_t *ret_count,
                                   struct error *err) {
    static const struct db_columns columns = {name_columns, 1};
    struct db_call call = {.statement = SQL_GROUP_NAMES};
    struct store_query query = {.call = &call, .columns = &columns, .arena = arena};
    struct store_list list = {.item_size = sizeof(const char *)};
    enum status status = store_run_many(store, &query, &list, err);
    if (!status) {
        *ret_names = (const char *const *)list.items;
        *ret_count = list.count;
    }
    return status;
}

enum status store_names_near_load(struct store *store, struct arena *arena,
                                  const struct near_names_query *query, struct strings *ret_names,
                                  struct error *err) {
    static const char *const kinds[] = {[NEAR_GROUPS] = "g", [NEAR_ENVIRONMENTS] = "e"};
    static const struct db_columns columns = {name_columns, 1};
    struct db_call call = {SQL_NAMES_NEAR,
                           .values = {[NAMES_NEAR_WORD] = db_text(query->word),
                                      [NAMES_NEAR_KIND] = db_text(kinds[query->kind]),
                                      [NAMES_NEAR_ROW_LIMIT] = db_int64(query->limit)}};
    struct store_query ask = {.call = &call, .columns = &columns, .arena = arena};
    struct store_list list = {.item_size = sizeof(const char *)};
    enum status status = store_run_many(store, &ask, &list, err);
    if (status) {
        return status;
    }
    *ret_names = (struct strings){list.items, list.count};
    return STATUS_OK;
}

enum status store_groups_not_indexable_load(struct store *store, struct arena *arena, int limit,
                                            struct strings *ret_names, struct error *err) {
    static const struct db_columns columns = {name_columns, 1};
    struct db_call call = {SQL_GROUPS_NOT_INDEXABLE,
                           .values = {[GROUPS_NOT_INDEXABLE_ROW_LIMIT] = db_int64(limit)}};
    struct store_query query = {.call = &call, .columns = &columns, .arena = arena};
    struct store_list list = {.item_size = sizeof(const char *)};
    enum status status = store_run_many(store, &query, &list, err);
    if (status) {
        return status;
    }
    *ret_names = (struct strings){list.items, list.count};
    return STATUS_OK;
}

// The two statements of a package, on a connection inside a snapshot.
static enum status read_package(struct db *db, struct arena *arena, const char *package,
                                struct package_detail *ret_detail, struct error *err) {
    static const struct db_columns document = {document_columns, 1,
                                               offsetof(struct package_detail, document), NULL};
    static const struct db_columns columns = {store_package_columns, STORE_PACKAGE_COLUMNS,
                                              offsetof(struct package_detail, package), &document};
    scoped(db_rows_done) struct db_rows head = {.columns = &columns, .arena = arena};
    struct db_call detail = {SQL_PACKAGE_DETAIL,
                             .values = {[PACKAGE_DETAIL_NAME] = db_text(package)}};
    enum status status = db_run(db, &detail, &head, err);
    if (status) {
        return status;
    }
    status = db_rows_next(&head, ret_detail, err);
    if (status) {
        return status;
    }
    if (!head.found) {
        return fail(err, STATUS_NOT_FOUND, NULL, "There is no package %s", package);
    }
    struct db_call releases = {SQL_PACKAGE_RELEASES,
                               .values = {[PACKAGE_RELEASES_NAME] = db_text(package)}};
    struct store_query query = {.call = &releases, .columns = &of_release, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct release_row)};
    status = store_run_many_on(db, &query, &list, err);
    if (status) {
        return status;
    }
    ret_detail->releases = list.items;
    ret_detail->release_count = list.count;
    return STATUS_OK;
}

// Two statements, one snapshot: a release that is published in between is in neither.
static enum status read_package_whole(struct db *db, struct arena *arena, const char *package,
                                      struct package_detail *ret_detail, struct error *err) {
    struct package_detail detail = {0};
    enum status status = store_begin_snapshot(db, err);
    if (status) {
        return status;
    }
    status = read_package(db, arena, package, &detail, err);
    if (status) {
        return status;
    }
    status = db_run(db, &(struct db_call){SQL_TRANSACTION_END}, NULL, err);
    if (status) {
        return status;
    }
    *ret_detail = detail;
    return STATUS_OK;
}

// A transaction that is left open ends with the loan, so a package that is not there does not cost the connection.
enum status store_package_load(struct store *store, struct arena *arena, const char *package,
                               struct package_detail *ret_detail, struct error *err) {
    scoped(store_read_end) struct store_read read = {.store = store};
    while (store_read_next(&read, err)) {
        read.status = read_package_whole(read.loan.db, arena, package, ret_detail, err);
    }
    return read.status;
}

enum status store_release_load(struct store *store, struct arena *arena, const char *package,
                               const char *version, struct release_detail *ret_detail,
                               struct error *err) {
    static const struct db_column own_columns[] = {
        {"package", DB_COLUMN_TEXT, offsetof(struct release_detail, package), 0},
        {"document", DB_COLUMN_TEXT, offsetof(struct release_detail, document), 0},
        {"has_file", DB_COLUMN_BOOL, offsetof(struct release_detail, has_file), 0},
        {"has_wheel", DB_COLUMN_BOOL, offsetof(struct release_detail, has_wheel), 0},
    };
    // The columns of the release fill the inner struct, and `more` fills the rest of the struct
    // around it.
    static const struct db_columns own = {own_columns, COUNT_OF(own_columns), 0, NULL};
    static const struct db_columns columns = {release_columns, COUNT_OF(release_columns),
                                              offsetof(struct release_detail, release), &own};
    struct db_call call = {SQL_RELEASE_DETAIL,
                           .values = {[RELEASE_DETAIL_PACKAGE] = db_text(package),
                                      [RELEASE_DETAIL_VERSION] = db_text(version)}};
    struct store_query query = {.call = &call, .columns = &columns, .arena = arena};
    bool found = false;
    struct release_detail detail;
    enum status status = store_run_one(store, &query, &detail, &found, err);
    if (status) {
        return status;
    }
    if (!found) {
        return fail(err, STATUS_NOT_FOUND, NULL, "There is no release %s of %s", version, package);
    }
    *ret_detail = detail;
    return STATUS_OK;
}
