// SPDX-License-Identifier: MIT
// Tokens: only their hashes are here. Expiry is judged by the database's clock, so that several
// daemons agree. A token is never taken away: what was done with it stays with its name.
#include "registryd/store/store_access.h"
#include "registryd/store/store_handle.h"

#include "schema/base/cleanup.h"
#include "schema/base/list.h"

#define AT(member) offsetof(struct token_row, member)
static const struct db_column token_columns[] = {
    {"id", DB_COLUMN_INT64, AT(id), 0},
    {"name", DB_COLUMN_TEXT, AT(name), 0},
    {"kind", DB_COLUMN_TEXT, AT(kind), 0},
    {"team", DB_COLUMN_TEXT, AT(team), 0},
    {"hash", DB_COLUMN_TEXT, AT(hash), 0},
    {"usable", DB_COLUMN_BOOL, AT(usable), 0},
    {"unnoticed", DB_COLUMN_BOOL, AT(unnoticed), 0},
    {"scopes", DB_COLUMN_TEXT, AT(scopes), 0},
    {"name_prefix", DB_COLUMN_TEXT, AT(name_prefix), 0},
    {"grants", DB_COLUMN_TEXT, AT(grants), 0},
};
#undef AT

#define AT(member) offsetof(struct token_receipt, member)
static const struct db_column receipt_columns[] = {
    {"id", DB_COLUMN_INT64, AT(id), 0},
    {"created_at", DB_COLUMN_TEXT, AT(created_at), 0},
    {"expires_at", DB_COLUMN_TEXT, AT(expires_at), 0},
    {"serial", DB_COLUMN_INT64, AT(serial), 0},
};
#undef AT

#define AT(member) offsetof(struct token_info, member)
static const struct db_column info_columns[] = {
    {"id", DB_COLUMN_INT64, AT(id), 0},
    {"name", DB_COLUMN_TEXT, AT(name), 0},
    {"kind", DB_COLUMN_TEXT, AT(kind), 0},
    {"team", DB_COLUMN_TEXT, AT(team), 0},
    {"state", DB_COLUMN_TEXT, AT(state), 0},
    {"scopes", DB_COLUMN_TEXT, AT(scopes), 0},
    {"name_prefix", DB_COLUMN_TEXT, AT(name_prefix), 0},
    {"created_at", DB_COLUMN_TEXT, AT(created_at), 0},
    {"created_by", DB_COLUMN_TEXT, AT(created_by), 0},
    {"expires_at", DB_COLUMN_TEXT, AT(expires_at), 0},
    {"last_used_at", DB_COLUMN_TEXT, AT(last_used_at), 0},
    {"revoked_at", DB_COLUMN_TEXT, AT(revoked_at), 0},
    {"revoked_by", DB_COLUMN_TEXT, AT(revoked_by), 0},
    {"revoked_reason", DB_COLUMN_TEXT, AT(revoked_reason), 0},
};
#undef AT

#define AT(member) offsetof(struct revoked_token, member)
static const struct db_column revoked_columns[] = {
    {"id", DB_COLUMN_INT64, AT(id), 0},
    {"name", DB_COLUMN_TEXT, AT(name), 0},
    {"team", DB_COLUMN_TEXT, AT(team), 0},
    {"revoked_at", DB_COLUMN_TEXT, AT(revoked_at), 0},
    {"revoked_now", DB_COLUMN_BOOL, AT(revoked_now), 0},
    {"serial", DB_COLUMN_INT64, AT(serial), 0},
};
#undef AT

static const struct db_columns of_token = {token_columns, COUNT_OF(token_columns), 0, NULL};
static const struct db_columns of_receipt = {receipt_columns, COUNT_OF(receipt_columns), 0, NULL};
static const struct db_columns of_info = {info_columns, COUNT_OF(info_columns), 0, NULL};
static const struct db_columns of_revoked = {revoked_columns, COUNT_OF(revoked_columns), 0, NULL};
#undef COUNT

static enum status no_such_token(struct error *err) {
    return fail(err, STATUS_NOT_FOUND, NULL, "There is no such token");
}

enum status store_token_load(struct store *store, struct arena *arena, const uint8_t hash[32],
                             struct token_row *ret_token, struct error *err) {
    struct store_query query = {
        .call = &(struct db_call){SQL_TOKEN_BY_HASH,
                                  .values = {[TOKEN_BY_HASH_HASH] = db_bytes(hash, 32)}},
        .columns = &of_token,
        .arena = arena,
    };
    bool found = false;
    struct token_row token;
    enum status status = store_run_one(store, &query, &token, &found, err);
    if (status) {
        return status;
    }
    if (!found) {
        return no_such_token(err);
    }
    *ret_token = token;
    return STATUS_OK;
}

enum status store_token_used(struct store *store, int64_t id, struct error *err) {
    struct store_query query = {
        .call = &(struct db_call){SQL_TOKEN_USED, .values = {[TOKEN_USED_ID] = db_int64(id)}}};
    return store_run_one(store, &query, NULL, NULL, err);
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
    struct db_call call = {
        SQL_TOKEN_BOOTSTRAP,
        .values = {
            [TOKEN_BOOTSTRAP_NAME] = db_text(name), [TOKEN_BOOTSTRAP_HASH] = db_bytes(hash, 32)}};
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

enum status store_token_add(struct store *store, struct arena *arena, const struct new_token *token,
                            struct token_receipt *ret_receipt, struct error *err) {
    struct db_call call = {
        SQL_TOKEN_CREATE,
        .values =
            {
                [TOKEN_CREATE_NAME] = db_text(token->name),
                [TOKEN_CREATE_KIND] = db_text(token->kind),
                [TOKEN_CREATE_HASH] = db_bytes(token->hash, sizeof token->hash),
                [TOKEN_CREATE_TEAM] = db_text(token->team),
                [TOKEN_CREATE_SCOPES] = db_text_list(token->scopes, token->scope_count),
                [TOKEN_CREATE_NAME_PREFIX] = db_text(token->name_prefix),
                [TOKEN_CREATE_DAYS] = db_int64(token->days),
                [TOKEN_CREATE_GRANTING] = db_bool(token->is_granting),
                [TOKEN_CREATE_ACTOR] = db_text(token->actor),
            },
    };
    struct store_query query = {.call = &call, .columns = &of_receipt, .arena = arena};
    return store_run_one(store, &query, ret_receipt, NULL, err);
}

enum status store_tokens_load(struct store *store, struct arena *arena,
                              const struct token_query *query, struct token_infos *ret_infos,
                              struct error *err) {
    struct page page = {.limit = query->limit};
    struct db_call call = {SQL_TOKENS_PAGE,
                           .values = {
                               [TOKENS_PAGE_AFTER] = db_int64(query->after),
                               [TOKENS_PAGE_TEAM] = db_text(query->team),
                               [TOKENS_PAGE_ID] = db_int64(query->id),
                               [TOKENS_PAGE_ROW_LIMIT] = db_int64((int64_t)query->limit + 1),
                           }};
    struct store_query run = {.call = &call, .columns = &of_info, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct token_info)};
    enum status status = store_run_many(store, &run, &list, err);
    if (!status) {
        bool more = store_cut_to_page(&list, &page);
        *ret_infos = (struct token_infos){list.items, list.count, more};
    }
    return status;
}

enum status store_token_revoke(struct store *store, struct arena *arena,
                               const struct revocation *revocation, struct revoked_token *ret_token,
                               struct error *err) {
    struct db_call call = {
        SQL_TOKEN_REVOKE,
        .values = {
            [TOKEN_REVOKE_ID] = db_int64(revocation->id),
            [TOKEN_REVOKE_HASH] = db_bytes(revocation->hash, revocation->hash ? 32 : 0),
            [TOKEN_REVOKE_ACTOR] = db_text(revocation->actor),
            [TOKEN_REVOKE_REASON] = db_text(revocation->reason),
        }};
    struct store_query query = {.call = &call, .columns = &of_revoked, .arena = arena};
    bool found = false;
    struct revoked_token token;
    enum status status = store_run_one(store, &query, &token, &found, err);
    if (status) {
        return status;
    }
    if (!found) {
        return no_such_token(err);
    }
    *ret_token = token;
    return STATUS_OK;
}
