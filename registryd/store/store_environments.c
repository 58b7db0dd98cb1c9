// SPDX-License-Identifier: MIT
// Environments and their revisions. A change gives the revision it is based on; the statement writes nothing
// when there is a newer one, and explain_no_change says so. Nothing is altered or deleted, so history and
// rolling back need no other statements.
#include "registryd/store/store_environments.h"

#include "registryd/store/store_handle.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"

#define AT(member) offsetof(struct environment_row, member)
static const struct db_column row_columns[] = {
    {"name", DB_COLUMN_TEXT, AT(name), 0},
    {"revision", DB_COLUMN_INT64, AT(revision), 0},
    {"newest_revision", DB_COLUMN_INT64, AT(newest_revision), 0},
    {"description", DB_COLUMN_TEXT, AT(description), 0},
    {"plugin_count", DB_COLUMN_INT64, AT(plugin_count), 0},
    {"action", DB_COLUMN_TEXT, AT(action), 0},
    {"summary", DB_COLUMN_TEXT, AT(summary), 0},
    {"package", DB_COLUMN_TEXT, AT(package), 0},
    {"changed_at", DB_COLUMN_TEXT, AT(changed_at), 0},
    {"changed_by", DB_COLUMN_TEXT, AT(changed_by), 0},
    {"lock_id", DB_COLUMN_INT64, AT(lock_id), 0},
    {"is_archived", DB_COLUMN_BOOL, AT(is_archived), 0},
    {"reason", DB_COLUMN_TEXT, AT(reason), 0},
};
#undef AT
static const struct db_columns of_row = {row_columns, COUNT_OF(row_columns)};

// What was stored was checked: anything that cannot be read now is a fault, not somebody's input.
static enum status decode(struct arena *arena, struct environment_detail *detail,
                          struct error *err) {
    struct findings findings;
    findings_init(&findings, arena);
    enum status status =
        environment_parse(arena, text_from(detail->document), &findings, &detail->environment, err);
    if (status && status != STATUS_NO_MEMORY) {
        return fail(err, STATUS_INTERNAL, NULL,
                    "Revision %lld of environment %s cannot be read again",
                    (long long)detail->row.revision, detail->row.name);
    }
    detail->environment.name = detail->row.name;
    detail->environment.revision = detail->row.revision;
    return status;
}

enum status store_environment_load(struct store *store, struct arena *arena, const char *name,
                                   int64_t revision, struct environment_detail *ret_detail,
                                   struct error *err) {
#define AT(member) offsetof(struct environment_detail, member)
    static const struct db_column own_columns[] = {
        {"document", DB_COLUMN_TEXT, AT(document), 0},
        {"epoch", DB_COLUMN_CHARS, AT(point.epoch), EPOCH_SIZE},
        {"epoch_number", DB_COLUMN_INT64, AT(point.epoch_number), 0},
        {"serial", DB_COLUMN_INT64, AT(point.serial), 0},
    };
    static const struct db_columns own = {own_columns, COUNT_OF(own_columns), 0, NULL};
    static const struct db_columns columns = {row_columns, COUNT_OF(row_columns), AT(row), &own};
#undef AT
    struct db_call call = {SQL_ENVIRONMENT_DETAIL,
                           .values = {[ENVIRONMENT_DETAIL_NAME] = db_text(name),
                                      [ENVIRONMENT_DETAIL_REVISION] = db_int64(revision)}};
    struct store_query query = {.call = &call, .columns = &columns, .arena = arena};
    struct environment_detail detail = {0};
    bool found = false;
    enum status status = store_run_one(store, &query, &detail, &found, err);
    if (status) {
        return status;
    }
    if (!found) {
        return fail(err, STATUS_NOT_FOUND, NULL, "There is no environment %s", name);
    }
    if (!detail.row
             .revision) { // the statement joins the revision, so that its absence can be reported
        return fail(err, STATUS_NOT_FOUND, NULL,
                    "Environment %s has no revision %lld; its newest is %lld", name,
                    (long long)revision, (long long)detail.row.newest_revision);
    }
    status = decode(arena, &detail, err);
    if (status) {
        return status;
    }
    *ret_detail = detail;
    return STATUS_OK;
}

// A list has the newest revision of each environment, a history all revisions of one.
static enum status load_rows(struct store *store, struct arena *arena, const struct db_call *call,
                             int limit, struct environment_rows *ret_rows, struct error *err) {
    struct store_query query = {.call = call, .columns = &of_row, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct environment_row)};
    enum status status = store_run_page(store, &query, &(struct page){.limit = limit}, &list, err);
    if (status) {
        return status;
    }
    *ret_rows = (struct environment_rows){list.items, list.count, list.more};
    return STATUS_OK;
}

// By name, so that a cursor is the last name shown.
enum status store_environments_load(struct store *store, struct arena *arena,
                                    const struct environments_query *query,
                                    struct environment_rows *ret_rows, struct error *err) {
    const struct page *page = &query->page;
    struct db_call call = {
        SQL_ENVIRONMENTS_PAGE,
        .values = {[ENVIRONMENTS_PAGE_AFTER] = db_text(page->after ? page->after : ""),
                   [ENVIRONMENTS_PAGE_ROW_LIMIT] = db_int64((int64_t)page->limit + 1),
                   [ENVIRONMENTS_PAGE_WITH_ARCHIVED] = db_bool(query->with_archived)}};
    return load_rows(store, arena, &call, page->limit, ret_rows, err);
}

enum status store_environment_history_load(struct store *store, struct arena *arena,
                                           const struct environment_history *query,
                                           struct environment_rows *ret_rows, struct error *err) {
    struct db_call call = {
        SQL_ENVIRONMENT_HISTORY,
        .values = {
            [ENVIRONMENT_HISTORY_NAME] = db_text(query->name),
            [ENVIRONMENT_HISTORY_BEFORE] = db_int64(query->before),
            [ENVIRONMENT_HISTORY_ROW_LIMIT] = db_int64((int64_t)query->limit + 1),
        }};
    struct environment_rows rows = {0};
    enum status status = load_rows(store, arena, &call, query->limit, &rows, err);
    if (status) {
        return status;
    }
    if (!rows.count) { // the cursor stands at the end, or the environment does not exist
        struct environment_detail detail;
        status = store_environment_load(store, arena, query->name, 0, &detail, err);
        if (status) {
            return status;
        }
    }
    *ret_rows = rows;
    return STATUS_OK;
}

#define AT(member) offsetof(struct environment_mark, member)
static const struct db_column mark_columns[] = {
    {"package", DB_COLUMN_TEXT, AT(package), 0},
    {"revision", DB_COLUMN_INT64, AT(revision), 0},
    {"since", DB_COLUMN_TEXT, AT(since), 0},
    {"by", DB_COLUMN_TEXT, AT(by), 0},
};
#undef AT

enum status store_environment_marks_load(struct store *store, struct arena *arena, const char *name,
                                         struct environment_marks *ret_marks, struct error *err) {
    static const struct db_columns columns = {mark_columns, COUNT_OF(mark_columns)};
    struct db_call call = {SQL_ENVIRONMENT_MARKS,
                           .values = {[ENVIRONMENT_MARKS_ENVIRONMENT] = db_text(name)}};
    struct store_query query = {.call = &call, .columns = &columns, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct environment_mark)};
    enum status status = store_run_many(store, &query, &list, err);
    if (status) {
        return status;
    }
    *ret_marks = (struct environment_marks){list.items, list.count};
    return STATUS_OK;
}

const struct environment_mark *environment_marks_find(const struct environment_marks *marks,
                                                      const char *package) {
    for (size_t i = 0; i < marks->count; i++) {
        if (strcmp(marks->items[i].package, package) == 0) {
            return &marks->items[i];
        }
    }
    return NULL;
}

// Why no revision was made.
// A creation (base 0) fails only because the name is taken. Otherwise the daily limit is reported
// first, since a retry would not help.
static enum status explain_no_change(struct store *store, const struct environment_change *change,
                                     struct error *err) {
    static const struct db_column column = {"wait_seconds", DB_COLUMN_INT64, 0, 0};
    static const struct db_columns columns = {&column, 1, 0, NULL};
    struct db_call call = {
        SQL_ENVIRONMENT_PACE,
        .values = {[ENVIRONMENT_PACE_NAME] = db_text(change->name),
                   [ENVIRONMENT_PACE_DAILY_LIMIT] = db_int64(LIMIT_ENVIRONMENT_REVISIONS_PER_DAY)}};
    struct store_query query = {.call = &call, .columns = &columns};
    int64_t wait_seconds = 0;
    enum status status = store_run_one(store, &query, &wait_seconds, NULL, err);
    if (status) {
        return status;
    }
    if (wait_seconds && change->base_revision) {
        return fail(err, STATUS_TOO_MANY, NULL,
                    "The environment \"%s\" has had %d revisions in the last 24 hours, the most "
                    "allowed. Try again in %lld seconds",
                    change->name, LIMIT_ENVIRONMENT_REVISIONS_PER_DAY, (long long)wait_seconds);
    }
    if (change->base_revision) {
        return fail(err, STATUS_PRECONDITION, NULL,
                    "The environment \"%s\" has changed since its revision %lld. Read it again and "
                    "repeat the change",
                    change->name, (long long)change->base_revision);
    }
    return fail(err, STATUS_PRECONDITION, NULL, "The environment \"%s\" exists already",
                change->name);
}

// base_revision 0 creates. One statement compares the base, writes revision, change and audit event, and
// returns nothing when the base is not the newest revision.
enum status store_environment_change(struct store *store, const struct environment_change *change,
                                     struct environment_outcome *ret_outcome, struct error *err) {
    static const struct db_column own_column = {"revision", DB_COLUMN_INT64,
                                                offsetof(struct environment_outcome, revision), 0};
    static const struct db_columns own = {&own_column, 1, 0, NULL};
    struct db_columns columns = store_point_columns;
    columns.offset = offsetof(struct environment_outcome, point);
    columns.more = &own;
    struct db_call call = {
        SQL_ENVIRONMENT_CHANGE,
        .values = {
            [ENVIRONMENT_CHANGE_NAME] = db_text(change->name),
            [ENVIRONMENT_CHANGE_BASE] = db_int64(change->base_revision),
            [ENVIRONMENT_CHANGE_DOCUMENT] = db_text(change->document),
            [ENVIRONMENT_CHANGE_ACTION] = db_text(change->action),
            [ENVIRONMENT_CHANGE_SUMMARY] = db_text(change->summary),
            [ENVIRONMENT_CHANGE_PACKAGE] = db_text(change->package),
            [ENVIRONMENT_CHANGE_ACTOR] = db_text(change->actor),
            [ENVIRONMENT_CHANGE_DAILY_LIMIT] = db_int64(LIMIT_ENVIRONMENT_REVISIONS_PER_DAY),
            [ENVIRONMENT_CHANGE_LOCK_ID] = db_int64(change->lock_id),
            [ENVIRONMENT_CHANGE_NEW_LOCK] = db_text(change->new_lock),
            [ENVIRONMENT_CHANGE_RELEASE_COUNT] = db_int64(change->new_lock_releases),
            [ENVIRONMENT_CHANGE_IS_ARCHIVED] = db_bool(change->is_archived),
            [ENVIRONMENT_CHANGE_REASON] = db_text(change->reason),
            [ENVIRONMENT_CHANGE_SECRETS] = db_text(change->secrets),
        }};
    struct store_query query = {.call = &call, .columns = &columns};
    struct environment_outcome outcome = {0};
    bool found = false;
    enum status status = store_run_one(store, &query, &outcome, &found, err);
    if (status) {
        return status;
    }
    if (!found) {
        return explain_no_change(store, change, err);
    }
    *ret_outcome = outcome;
    return STATUS_OK;
}

// ---- locks ----

static enum status load_lock(struct store *store, struct arena *arena, const struct db_call *call,
                             struct environment_lock_row *ret_lock, struct error *err) {
#define AT(member) offsetof(struct environment_lock_row, member)
    static const struct db_column lock_columns[] = {
        {"id", DB_COLUMN_INT64, AT(id), 0},
        {"environment", DB_COLUMN_TEXT, AT(environment), 0},
        {"revision", DB_COLUMN_INT64, AT(revision), 0},
        {"release_count", DB_COLUMN_INT64, AT(release_count), 0},
        {"made_at", DB_COLUMN_TEXT, AT(made_at), 0},
        {"made_by", DB_COLUMN_TEXT, AT(made_by), 0},
        {"document", DB_COLUMN_TEXT, AT(document), 0},
    };
#undef AT
    static const struct db_columns columns = {lock_columns, COUNT_OF(lock_columns), 0, NULL};
    struct store_query query = {.call = call, .columns = &columns, .arena = arena};
    struct environment_lock_row lock = {0};
    bool found = false;
    enum status status = store_run_one(store, &query, &lock, &found, err);
    if (!status && !found) {
        return fail(err, STATUS_NOT_FOUND, NULL, "The lock is not there");
    }
    if (!status) {
        *ret_lock = lock;
    }
    return status;
}

enum status store_environment_lock_load(struct store *store, struct arena *arena, int64_t id,
                                        struct environment_lock_row *ret_lock, struct error *err) {
    const struct db_call call = {SQL_ENVIRONMENT_LOCK,
                                 .values = {[ENVIRONMENT_LOCK_ID] = db_int64(id),
                                            [ENVIRONMENT_LOCK_WITH_DOCUMENT] = db_bool(true)}};
    return load_lock(store, arena, &call, ret_lock, err);
}

enum status store_environment_lock_describe(struct store *store, struct arena *arena, int64_t id,
                                            struct environment_lock_row *ret_lock,
                                            struct error *err) {
    const struct db_call call = {SQL_ENVIRONMENT_LOCK,
                                 .values = {[ENVIRONMENT_LOCK_ID] = db_int64(id),
                                            [ENVIRONMENT_LOCK_WITH_DOCUMENT] = db_bool(false)}};
    return load_lock(store, arena, &call, ret_lock, err);
}

// ---- what plugins ask of an environment ----

enum status store_packages_known(struct store *store, struct arena *arena,
                                 const struct strings *packages, struct strings *ret_known,
                                 struct error *err) {
    static const struct db_column column = {"name", DB_COLUMN_TEXT, 0, 0};
    static const struct db_columns columns = {&column, 1, 0, NULL};
    struct db_call call = {SQL_PACKAGES_KNOWN, .values = {[PACKAGES_KNOWN_NAMES] = db_string_list(
                                                              packages->items, packages->count)}};
    struct store_query query = {.call = &call, .columns = &columns, .arena = arena};
    struct store_list list = {.item_size = sizeof(const char *)};
    enum status status = store_run_many(store, &query, &list, err);
    if (status) {
        return status;
    }
    *ret_known = (struct strings){list.items, list.count};
    return STATUS_OK;
}

#define AT(member) offsetof(struct settings_schema, member)
static const struct db_column schema_columns[] = {
    {"package", DB_COLUMN_TEXT, AT(package), 0},
    {"group_name", DB_COLUMN_TEXT, AT(group), 0},
    {"settings_schema", DB_COLUMN_TEXT, AT(text), 0},
};
#undef AT

enum status store_settings_schemas_load(struct store *store, struct arena *arena,
                                        const struct strings *packages,
                                        struct settings_schemas *ret_schemas, struct error *err) {
    static const struct db_columns columns = {schema_columns, COUNT_OF(schema_columns), 0, NULL};
    struct db_call call = {
        SQL_SETTINGS_SCHEMAS,
        .values = {[SETTINGS_SCHEMAS_PACKAGES] = db_string_list(packages->items, packages->count)}};
    struct store_query query = {.call = &call, .columns = &columns, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct settings_schema)};
    enum status status = store_run_many(store, &query, &list, err);
    if (status) {
        return status;
    }
    *ret_schemas = (struct settings_schemas){list.items, list.count};
    return STATUS_OK;
}

#define AT(member) offsetof(struct permission_ask, member)
static const struct db_column ask_columns[] = {
    {"package", DB_COLUMN_TEXT, AT(package), 0},       {"version", DB_COLUMN_TEXT, AT(version), 0},
    {"group_name", DB_COLUMN_TEXT, AT(group), 0},      {"name", DB_COLUMN_TEXT, AT(name), 0},
    {"permission", DB_COLUMN_TEXT, AT(permission), 0},
};
#undef AT

enum status store_permission_asks_load(struct store *store, struct arena *arena,
                                       const struct strings *packages, const struct strings *known,
                                       struct permission_asks *ret_asks, struct error *err) {
    static const struct db_columns columns = {ask_columns, COUNT_OF(ask_columns), 0, NULL};
    struct db_call call = {
        SQL_PERMISSION_ASKS,
        .values = {[PERMISSION_ASKS_PACKAGES] = db_string_list(packages->items, packages->count),
                   [PERMISSION_ASKS_KNOWN] = db_string_list(known->items, known->count)}};
    struct store_query query = {.call = &call, .columns = &columns, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct permission_ask)};
    enum status status = store_run_many(store, &query, &list, err);
    if (status) {
        return status;
    }
    *ret_asks = (struct permission_asks){list.items, list.count};
    return STATUS_OK;
}
