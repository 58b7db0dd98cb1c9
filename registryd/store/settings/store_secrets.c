// SPDX-License-Identifier: MIT
// Rows and their keys. A change of the key waits for the changes of environments that seal with the one before, because
// both lock its row (environment_change.sql): after it, nothing comes in that the old key sealed.
#include "registryd/store/settings/store_secrets.h"

#include "registryd/store/store_handle.h"
#include "schema/base/list.h"

#define AT(member) offsetof(struct secret_row, member)
static const struct db_column own_columns[] = {
    {"package", DB_COLUMN_TEXT, AT(package), 0}, {"group_name", DB_COLUMN_TEXT, AT(group), 0},
    {"name", DB_COLUMN_TEXT, AT(name), 0},       {"pointer", DB_COLUMN_TEXT, AT(pointer), 0},
    {"key_id", DB_COLUMN_TEXT, AT(key_id), 0},   {"sealed", DB_COLUMN_TEXT, AT(sealed), 0},
    {"set_at", DB_COLUMN_TEXT, AT(set_at), 0},   {"set_by", DB_COLUMN_TEXT, AT(set_by), 0},
};
static const struct db_column other_columns[] = {
    {"environment", DB_COLUMN_TEXT, AT(environment), 0},
    {"package", DB_COLUMN_TEXT, AT(package), 0},
    {"group_name", DB_COLUMN_TEXT, AT(group), 0},
    {"name", DB_COLUMN_TEXT, AT(name), 0},
    {"pointer", DB_COLUMN_TEXT, AT(pointer), 0},
    {"key_id", DB_COLUMN_TEXT, AT(key_id), 0},
    {"sealed", DB_COLUMN_TEXT, AT(sealed), 0},
};
#undef AT

static enum status load(struct store *store, const struct store_query *query,
                        struct secret_rows *ret_rows, struct error *err) {
    struct store_list list = {.item_size = sizeof(struct secret_row)};
    enum status status = store_run_many(store, query, &list, err);
    if (status) {
        return status;
    }
    *ret_rows = (struct secret_rows){list.items, list.count};
    return STATUS_OK;
}

enum status store_secrets_load(struct store *store, struct arena *arena, const char *environment,
                               struct secret_rows *ret_rows, struct error *err) {
    static const struct db_columns columns = {own_columns, COUNT_OF(own_columns)};
    struct db_call call = {SQL_SECRETS_OF_ENVIRONMENT,
                           .values = {[SECRETS_OF_ENVIRONMENT_ENVIRONMENT] = db_text(environment)}};
    const struct store_query query = {.call = &call, .columns = &columns, .arena = arena};
    return load(store, &query, ret_rows, err);
}

enum status store_other_secrets_load(struct store *store, struct arena *arena,
                                     const struct secrets_page *page, struct secret_rows *ret_rows,
                                     struct error *err) {
    static const struct db_columns columns = {other_columns, COUNT_OF(other_columns)};
    static const struct secret_row first = {"", "", "", "", "", NULL, NULL, NULL, NULL};
    const struct secret_row *after = page->after ? page->after : &first;
    struct db_call call = {
        SQL_SECRETS_OF_OTHER_KEYS,
        .values = {[SECRETS_OF_OTHER_KEYS_KEY_ID] = db_text(page->key_id),
                   [SECRETS_OF_OTHER_KEYS_ENVIRONMENT] = db_text(after->environment),
                   [SECRETS_OF_OTHER_KEYS_PACKAGE] = db_text(after->package),
                   [SECRETS_OF_OTHER_KEYS_GROUP_NAME] = db_text(after->group),
                   [SECRETS_OF_OTHER_KEYS_NAME] = db_text(after->name),
                   [SECRETS_OF_OTHER_KEYS_POINTER] = db_text(after->pointer),
                   [SECRETS_OF_OTHER_KEYS_ROW_LIMIT] = db_int64(page->limit)}};
    const struct store_query query = {.call = &call, .columns = &columns, .arena = arena};
    return load(store, &query, ret_rows, err);
}

struct key_row {
    const char *key_id;
    int64_t event;
};
static const struct db_column key_columns[] = {
    {"key_id", DB_COLUMN_TEXT, offsetof(struct key_row, key_id), 0}};
static const struct db_columns of_key = {key_columns, COUNT_OF(key_columns)};

enum status store_secrets_key_load(struct store *store, struct arena *arena,
                                   const char **ret_key_id, struct error *err) {
    struct db_call call = {SQL_SECRETS_KEY};
    const struct store_query query = {.call = &call, .columns = &of_key, .arena = arena};
    struct key_row row = {0};
    bool found = false;
    enum status status = store_run_one(store, &query, &row, &found, err);
    if (status) {
        return status;
    }
    *ret_key_id = found ? row.key_id : NULL;
    return STATUS_OK;
}

// Runs a statement of which only one thing counts: whether a row came.
static enum status run_change(struct store *store, const struct db_call *call,
                              const struct db_columns *columns, bool *ret_done, struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    const struct store_query query = {.call = call, .columns = columns, .arena = arena};
    struct key_row row = {0};
    return arena ? store_run_one(store, &query, &row, ret_done, err) : fail_no_memory(err);
}

enum status store_secrets_key_set(struct store *store, const struct secrets_key_change *change,
                                  bool *ret_done, struct error *err) {
    static const struct db_column both[] = {
        {"key_id", DB_COLUMN_TEXT, offsetof(struct key_row, key_id), 0},
        {"event", DB_COLUMN_INT64, offsetof(struct key_row, event), 0}};
    static const struct db_columns columns = {both, COUNT_OF(both)};
    struct db_call call = {SQL_SECRETS_KEY_SET,
                           .values = {[SECRETS_KEY_SET_KEY_ID] = db_text(change->key_id),
                                      [SECRETS_KEY_SET_BEFORE] = db_text(change->before),
                                      [SECRETS_KEY_SET_ACTOR] = db_text(change->actor)}};
    return run_change(store, &call, &columns, ret_done, err);
}

enum status store_secret_reseal(struct store *store, const struct secret_resealed *change,
                                bool *ret_done, struct error *err) {
    static const struct db_column column = {"pointer", DB_COLUMN_TEXT,
                                            offsetof(struct key_row, key_id), 0};
    static const struct db_columns columns = {&column, 1, 0, NULL};
    const struct secret_row *row = change->before;
    struct db_call call = {SQL_SECRET_SEAL_AGAIN,
                           .values = {[SECRET_SEAL_AGAIN_ENVIRONMENT] = db_text(row->environment),
                                      [SECRET_SEAL_AGAIN_PACKAGE] = db_text(row->package),
                                      [SECRET_SEAL_AGAIN_GROUP_NAME] = db_text(row->group),
                                      [SECRET_SEAL_AGAIN_NAME] = db_text(row->name),
                                      [SECRET_SEAL_AGAIN_POINTER] = db_text(row->pointer),
                                      [SECRET_SEAL_AGAIN_BEFORE] = db_text(row->sealed),
                                      [SECRET_SEAL_AGAIN_KEY_ID] = db_text(change->key_id),
                                      [SECRET_SEAL_AGAIN_SEALED] = db_text(change->sealed)}};
    return run_change(store, &call, &columns, ret_done, err);
}
