// SPDX-License-Identifier: MIT
// Tokens: only their hashes are here. Expiry is judged by the database's clock, so that several
// daemons agree.
#include "registryd/store/store_handle.h"

#include "schema/base/cleanup.h"

static const struct db_column token_columns[] = {
    {"name", DB_COLUMN_TEXT, offsetof(struct token_row, name), 0},
    {"kind", DB_COLUMN_TEXT, offsetof(struct token_row, kind), 0},
    {"usable", DB_COLUMN_BOOL, offsetof(struct token_row, usable), 0},
};

enum status store_token_load(struct store *store, struct arena *arena, const uint8_t hash[32],
                             struct token_row *ret_token, struct error *err) {
    static const struct db_columns columns = {token_columns,
                                              sizeof token_columns / sizeof *token_columns};
    struct store_query query = {
        .call = &(struct db_call){SQL_TOKEN_BY_HASH, {db_bytes(hash, 32)}},
        .columns = &columns,
        .arena = arena,
    };
    bool found = false;
    struct token_row token;
    enum status status = store_run_one(store, &query, &token, &found, err);
    if (status) {
        return status;
    }
    if (!found) {
        return fail(err, STATUS_NOT_FOUND, NULL, "There is no such token");
    }
    *ret_token = token;
    return STATUS_OK;
}

enum status store_token_bootstrap(struct store *store, const char *name, const uint8_t hash[32],
                                  bool *ret_created, struct error *err) {
    static const struct db_column column = {"event", DB_COLUMN_INT64, 0, 0};
    static const struct db_columns columns = {&column, 1, 0, NULL};
    scoped(db_pool_end) struct db_loan loan = {0};
    enum status status = db_pool_begin(store->pool, &loan, err);
    if (!status) {
        status = db_run(loan.db, &(struct db_call){SQL_TRANSACTION_BEGIN}, NULL, err);
    }
    if (!status) {
        status = db_run(loan.db, &(struct db_call){SQL_REGISTRY_LOCK}, NULL, err);
    }
    int64_t event = 0;
    scoped(db_rows_done) struct db_rows rows = {.columns = &columns};
    struct db_call call = {SQL_TOKEN_BOOTSTRAP, {db_text(name), db_bytes(hash, 32)}};
    if (!status) {
        status = db_run(loan.db, &call, &rows, err);
    }
    if (!status) {
        status = db_rows_next(&rows, &event, err);
    }
    if (!status) {
        status = db_run(loan.db, &(struct db_call){SQL_TRANSACTION_COMMIT}, NULL, err);
    }
    if (!status) {
        *ret_created = rows.found;
    }
    return status;
}
