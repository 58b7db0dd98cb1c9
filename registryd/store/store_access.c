// SPDX-License-Identifier: MIT
// Rights: grants, reserved names, owners, tokens. Every look-up reads the database, so an answer is what holds
// at this moment; every change has a serial and an audit event of its own, in the statement that writes it.
// Texts of tokens never come here, only their SHA-256.
#include "registryd/store/store_access.h"

#include "registryd/store/store_handle.h"
#include "schema/base/cleanup.h"
#include "schema/base/list.h"

#define AT(member) offsetof(struct grant_row, member)
static const struct db_column grant_columns[] = {
    {"team", DB_COLUMN_TEXT, AT(team), 0},
    {"scope", DB_COLUMN_TEXT, AT(scope), 0},
    {"object", DB_COLUMN_TEXT, AT(object), 0},
    {"created_at", DB_COLUMN_TEXT, AT(created_at), 0},
    {"created_by", DB_COLUMN_TEXT, AT(created_by), 0},
    {"expires_at", DB_COLUMN_TEXT, AT(expires_at), 0},
};
#undef AT

#define AT(member) offsetof(struct reserved_row, member)
static const struct db_column reserved_columns[] = {
    {"name", DB_COLUMN_TEXT, AT(name), 0},
    {"is_prefix", DB_COLUMN_BOOL, AT(is_prefix), 0},
    {"team", DB_COLUMN_TEXT, AT(team), 0},
    {"reason", DB_COLUMN_TEXT, AT(reason), 0},
    {"created_at", DB_COLUMN_TEXT, AT(created_at), 0},
    {"created_by", DB_COLUMN_TEXT, AT(created_by), 0},
};
#undef AT

#define AT(member) offsetof(struct name_status, member)
static const struct db_column standing_columns[] = {
    {"is_there", DB_COLUMN_BOOL, AT(is_there), 0},
    {"owner", DB_COLUMN_TEXT, AT(owner), 0},
    {"confusable", DB_COLUMN_TEXT, AT(confusable), 0},
    {"reserved", DB_COLUMN_TEXT, AT(reserved), 0},
    {"reserved_for", DB_COLUMN_TEXT, AT(reserved_for), 0},
    {"owned_groups", DB_COLUMN_TEXT, AT(owned_groups), 0},
    {"group_revision", DB_COLUMN_INT64, AT(group_revision), 0},
};
#undef AT

static const struct db_column lookalike_columns[] = {
    {"package", DB_COLUMN_TEXT, offsetof(struct lookalike_row, package), 0},
    {"owner", DB_COLUMN_TEXT, offsetof(struct lookalike_row, owner), 0},
    {"others", DB_COLUMN_TEXT, offsetof(struct lookalike_row, others), 0},
};

static const struct db_column owner_columns[] = {
    {"package_owner", DB_COLUMN_TEXT, offsetof(struct owners, package_owner), 0},
    {"group_owner", DB_COLUMN_TEXT, offsetof(struct owners, group_owner), 0},
};
static const struct db_column serial_column = {"serial", DB_COLUMN_INT64, 0, 0};

static const struct db_columns of_grant = {grant_columns, COUNT_OF(grant_columns), 0, NULL};
static const struct db_columns of_reserved = {reserved_columns, COUNT_OF(reserved_columns), 0,
                                              NULL};
static const struct db_columns of_standing = {standing_columns, COUNT_OF(standing_columns), 0,
                                              NULL};
static const struct db_columns of_owners = {owner_columns, COUNT_OF(owner_columns), 0, NULL};
static const struct db_columns of_lookalike = {lookalike_columns, COUNT_OF(lookalike_columns), 0,
                                               NULL};
static const struct db_columns of_serial = {&serial_column, 1, 0, NULL};

// Runs a change that answers with its serial; 0 when it changed nothing.
// What is so already writes nothing and has no serial: repeating a change is harmless.
static enum status run_change(struct store *store, const struct db_call *call, bool *ret_found,
                              int64_t *ret_serial, struct error *err) {
    struct store_query query = {.call = call, .columns = &of_serial};
    int64_t serial = 0;
    enum status status = store_run_one(store, &query, &serial, ret_found, err);
    if (!status) {
        *ret_serial = serial;
    }
    return status;
}

enum status store_grants_load(struct store *store, struct arena *arena, const struct page *page,
                              const char *team, struct grant_rows *ret_rows, struct error *err) {
    struct db_call call = {SQL_GRANTS_PAGE,
                           .values = {
                               [GRANTS_PAGE_AFTER] = db_text(page->after ? page->after : ""),
                               [GRANTS_PAGE_TEAM] = db_text(team),
                               [GRANTS_PAGE_ROW_LIMIT] = db_int64((int64_t)page->limit + 1),
                           }};
    struct store_query query = {.call = &call, .columns = &of_grant, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct grant_row)};
    enum status status = store_run_page(store, &query, page, &list, err);
    if (status) {
        return status;
    }
    *ret_rows = (struct grant_rows){list.items, list.count, list.more};
    return STATUS_OK;
}

// Both statements declare the same parameters in the same order, so one list of values serves.
enum status store_grant_add(struct store *store, struct arena *arena, const struct grant_row *grant,
                            struct grant_outcome *ret_outcome, struct error *err) {
    static const struct db_column items[] = {
        {"serial", DB_COLUMN_INT64, offsetof(struct grant_outcome, serial), 0},
        {"expires_at", DB_COLUMN_TEXT, offsetof(struct grant_outcome, expires_at), 0},
    };
    static const struct db_columns columns = {items, COUNT_OF(items), 0, NULL};
    struct db_call call = {SQL_GRANT_ADD, .values = {
                                              [GRANT_ADD_TEAM] = db_text(grant->team),
                                              [GRANT_ADD_SCOPE] = db_text(grant->scope),
                                              [GRANT_ADD_OBJECT] = db_text(grant->object),
                                              [GRANT_ADD_ACTOR] = db_text(grant->created_by),
                                              [GRANT_ADD_SECONDS] = db_int64(grant->seconds),
                                          }};
    struct store_query query = {.call = &call, .columns = &columns, .arena = arena};
    struct grant_outcome outcome = {0};
    bool is_changed = false;
    enum status status = store_run_one(store, &query, &outcome, &is_changed, err);
    if (status) {
        return status;
    }
    *ret_outcome = is_changed ? outcome : (struct grant_outcome){0};
    return STATUS_OK;
}

enum status store_grant_remove(struct store *store, const struct grant_row *grant,
                               int64_t *ret_serial, struct error *err) {
    struct db_call call = {SQL_GRANT_REMOVE, .values = {
                                                 [GRANT_REMOVE_TEAM] = db_text(grant->team),
                                                 [GRANT_REMOVE_SCOPE] = db_text(grant->scope),
                                                 [GRANT_REMOVE_OBJECT] = db_text(grant->object),
                                                 [GRANT_REMOVE_ACTOR] = db_text(grant->created_by),
                                             }};
    return run_change(store, &call, NULL, ret_serial, err);
}

enum status store_reserved_load(struct store *store, struct arena *arena, const struct page *page,
                                struct reserved_rows *ret_rows, struct error *err) {
    struct db_call call = {
        SQL_RESERVED_PAGE,
        .values = {[RESERVED_PAGE_AFTER] = db_text(page->after ? page->after : ""),
                   [RESERVED_PAGE_ROW_LIMIT] = db_int64((int64_t)page->limit + 1)}};
    struct store_query query = {.call = &call, .columns = &of_reserved, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct reserved_row)};
    enum status status = store_run_page(store, &query, page, &list, err);
    if (status) {
        return status;
    }
    *ret_rows = (struct reserved_rows){list.items, list.count, list.more};
    return STATUS_OK;
}

enum status store_reserve(struct store *store, const struct reserved_row *row, int64_t *ret_serial,
                          struct error *err) {
    struct db_call call = {SQL_RESERVED_ADD, .values = {
                                                 [RESERVED_ADD_NAME] = db_text(row->name),
                                                 [RESERVED_ADD_IS_PREFIX] = db_bool(row->is_prefix),
                                                 [RESERVED_ADD_TEAM] = db_text(row->team),
                                                 [RESERVED_ADD_REASON] = db_text(row->reason),
                                                 [RESERVED_ADD_ACTOR] = db_text(row->created_by),
                                             }};
    return run_change(store, &call, NULL, ret_serial, err);
}

enum status store_unreserve(struct store *store, const char *name, const char *actor,
                            int64_t *ret_serial, struct error *err) {
    struct db_call call = {
        SQL_RESERVED_REMOVE,
        .values = {
            [RESERVED_REMOVE_NAME] = db_text(name), [RESERVED_REMOVE_ACTOR] = db_text(actor)}};
    bool found = false;
    enum status status = run_change(store, &call, &found, ret_serial, err);
    return status || found ? status
                           : fail(err, STATUS_NOT_FOUND, NULL, "The name %s is not reserved", name);
}

// Everything that decides whether a name may be published, from one state of the database: its owner, names
// like it, reservations, and who owns the groups.
enum status store_name_load(struct store *store, struct arena *arena, const char *package,
                            const struct strings *groups, struct name_status *ret_standing,
                            struct error *err) {
    struct db_call call = {SQL_PUBLISH_RIGHTS, .values = {[PUBLISH_RIGHTS_NAME] = db_text(package),
                                                          [PUBLISH_RIGHTS_GROUPS] = db_string_list(
                                                              groups->items, groups->count)}};
    struct store_query query = {.call = &call, .columns = &of_standing, .arena = arena};
    return store_run_one(store, &query, ret_standing, NULL, err);
}

enum status store_lookalikes_load(struct store *store, struct arena *arena, const struct page *page,
                                  struct lookalike_rows *ret_rows, struct error *err) {
    struct db_call call = {
        SQL_LOOKALIKES_PAGE,
        .values = {[LOOKALIKES_PAGE_AFTER] = db_text(page->after ? page->after : ""),
                   [LOOKALIKES_PAGE_ROW_LIMIT] = db_int64((int64_t)page->limit + 1)}};
    struct store_query query = {.call = &call, .columns = &of_lookalike, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct lookalike_row)};
    enum status status = store_run_page(store, &query, page, &list, err);
    if (status) {
        return status;
    }
    *ret_rows = (struct lookalike_rows){list.items, list.count, list.more};
    return STATUS_OK;
}

enum status store_owners_load(struct store *store, struct arena *arena, const char *package,
                              const char *group, struct owners *ret_owners, struct error *err) {
    struct db_call call = {
        SQL_OWNER_OF,
        .values = {[OWNER_OF_PACKAGE] = db_text(package), [OWNER_OF_GROUP_NAME] = db_text(group)}};
    struct store_query query = {.call = &call, .columns = &of_owners, .arena = arena};
    return store_run_one(store, &query, ret_owners, NULL, err);
}

enum status store_team_owns(struct store *store, const char *team, bool *ret_owns,
                            struct error *err) {
    static const struct db_column column = {"owns", DB_COLUMN_BOOL, 0, 0};
    static const struct db_columns columns = {&column, 1, 0, NULL};
    struct db_call call = {SQL_TEAM_OWNS, .values = {[TEAM_OWNS_TEAM] = db_text(team)}};
    struct store_query query = {.call = &call, .columns = &columns};
    return store_run_one(store, &query, ret_owns, NULL, err);
}

enum status store_team_rights_load(struct store *store, struct arena *arena, const char *team,
                                   struct team_rights *ret_team, struct error *err) {
    static const struct db_column columns[] = {
        {"grants", DB_COLUMN_TEXT, offsetof(struct team_rights, grants), 0},
        {"owns_package", DB_COLUMN_BOOL, offsetof(struct team_rights, owns_package), 0},
        {"owns_group", DB_COLUMN_BOOL, offsetof(struct team_rights, owns_group), 0},
    };
    static const struct db_columns of_team = {columns, COUNT_OF(columns), 0, NULL};
    struct db_call call = {SQL_TEAM_RIGHTS, .values = {[TEAM_RIGHTS_TEAM] = db_text(team)}};
    struct store_query query = {.call = &call, .columns = &of_team, .arena = arena};
    return store_run_one(store, &query, ret_team, NULL, err);
}

// A statement of the shape "optional": no row means that the package is not there.
enum status store_owner_set(struct store *store, const char *package, const char *team,
                            const char *actor, int64_t *ret_serial, struct error *err) {
    struct db_call call = {SQL_PACKAGE_OWNER_SET, .values = {
                                                      [PACKAGE_OWNER_SET_NAME] = db_text(package),
                                                      [PACKAGE_OWNER_SET_TEAM] = db_text(team),
                                                      [PACKAGE_OWNER_SET_ACTOR] = db_text(actor),
                                                  }};
    bool found = false;
    enum status status = run_change(store, &call, &found, ret_serial, err);
    return status || found ? status
                           : fail(err, STATUS_NOT_FOUND, NULL, "There is no package %s", package);
}

// ---- tokens ----

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

static enum status no_such_token(struct error *err) {
    return fail(err, STATUS_NOT_FOUND, NULL, "The token does not exist");
}

// By the SHA-256 of the token: the database never sees the token itself.
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

// The caller asks for it only when token_by_hash.sql says `unnoticed`: at most once a minute for
// each token.
enum status store_token_used(struct store *store, int64_t id, struct error *err) {
    struct store_query query = {
        .call = &(struct db_call){SQL_TOKEN_USED, .values = {[TOKEN_USED_ID] = db_int64(id)}}};
    return store_run_one(store, &query, NULL, NULL, err);
}

enum status store_session_add(struct store *store, const struct new_session *session,
                              struct error *err) {
    struct db_call call = {SQL_SESSION_ADD,
                           .values = {
                               [SESSION_ADD_ID_HASH] = db_bytes(session->id_hash, 32),
                               [SESSION_ADD_TOKEN_HASH] = db_bytes(session->token_hash, 32),
                               [SESSION_ADD_LIFE_HOURS] = db_int64(session->life_hours),
                               [SESSION_ADD_OF_TOKEN_MAX] = db_int64(session->of_token_max),
                           }};
    struct store_query query = {.call = &call};
    return store_run_one(store, &query, NULL, NULL, err);
}

enum status store_session_load(struct store *store, const uint8_t id_hash[32], int life_hours,
                               char ret_token_hash[SESSION_HEX_SIZE], struct error *err) {
    static const struct db_column column = {"token_hash", DB_COLUMN_CHARS, 0, SESSION_HEX_SIZE};
    static const struct db_columns columns = {&column, 1, 0, NULL};
    struct db_call call = {SQL_SESSION_FIND,
                           .values = {[SESSION_FIND_ID_HASH] = db_bytes(id_hash, 32),
                                      [SESSION_FIND_LIFE_HOURS] = db_int64(life_hours)}};
    struct store_query query = {.call = &call, .columns = &columns};
    bool found = false;
    enum status status = store_run_one(store, &query, ret_token_hash, &found, err);
    if (status) {
        return status;
    }
    return found ? STATUS_OK : fail(err, STATUS_NOT_FOUND, NULL, "The session has ended");
}

enum status store_session_end(struct store *store, const uint8_t id_hash[32], struct error *err) {
    struct db_call call = {SQL_SESSION_END,
                           .values = {[SESSION_END_ID_HASH] = db_bytes(id_hash, 32)}};
    struct store_query query = {.call = &call};
    return store_run_one(store, &query, NULL, NULL, err);
}

struct lease_row {
    int64_t kind;
    int64_t key;
    int64_t granted;
    int64_t wait_us;
};

// The rows come in the order of their keys, not in that of the asks.
static enum status take_leases(struct db_rows *rows, struct store_lease *leases, size_t count,
                               struct error *err) {
    for (;;) {
        struct lease_row row = {0};
        enum status status = db_rows_next(rows, &row, err);
        if (status || !rows->found) {
            return status;
        }
        for (size_t i = 0; i < count; i++) {
            if (leases[i].kind == row.kind && leases[i].key == row.key) {
                leases[i].granted = row.granted;
                leases[i].wait_us = row.wait_us;
            }
        }
    }
}

enum status store_limits_lease(struct store *store, struct store_lease *leases, size_t count,
                               struct error *err) {
    static const struct db_column items[] = {
        {"kind", DB_COLUMN_INT64, offsetof(struct lease_row, kind), 0},
        {"key", DB_COLUMN_INT64, offsetof(struct lease_row, key), 0},
        {"granted", DB_COLUMN_INT64, offsetof(struct lease_row, granted), 0},
        {"wait_us", DB_COLUMN_INT64, offsetof(struct lease_row, wait_us), 0},
    };
    static const struct db_columns columns = {items, COUNT_OF(items), 0, NULL};
    enum { KINDS, KEYS, EACH, BURST, SPENT, WANTED, LISTS };
    int64_t lists[LISTS][STORE_LEASES_MAX];
    for (size_t i = 0; i < count; i++) {
        lists[KINDS][i] = leases[i].kind;
        lists[KEYS][i] = leases[i].key;
        lists[EACH][i] = leases[i].each_us;
        lists[BURST][i] = leases[i].burst_us;
        lists[SPENT][i] = leases[i].spent;
        lists[WANTED][i] = leases[i].wanted;
    }
    struct db_call call = {SQL_LIMITS_LEASE,
                           .values = {
                               [LIMITS_LEASE_KINDS] = db_int64_list(lists[KINDS], count),
                               [LIMITS_LEASE_KEYS] = db_int64_list(lists[KEYS], count),
                               [LIMITS_LEASE_EACH_US] = db_int64_list(lists[EACH], count),
                               [LIMITS_LEASE_BURST_US] = db_int64_list(lists[BURST], count),
                               [LIMITS_LEASE_SPENT] = db_int64_list(lists[SPENT], count),
                               [LIMITS_LEASE_WANTED] = db_int64_list(lists[WANTED], count),
                           }};
    scoped(db_pool_end) struct db_loan loan = {0};
    enum status status = db_pool_begin(store->pool, &loan, err);
    if (status) {
        return status;
    }
    scoped(db_rows_done) struct db_rows rows = {.columns = &columns};
    status = db_run(loan.db, &call, &rows, err);
    return status ? status : take_leases(&rows, leases, count, err);
}

enum status store_limits_seed_load(struct store *store, int64_t *ret_seed, struct error *err) {
    static const struct db_column column = {"seed", DB_COLUMN_INT64, 0, 0};
    static const struct db_columns columns = {&column, 1, 0, NULL};
    struct store_query query = {.call = &(struct db_call){SQL_LIMITS_SEED}, .columns = &columns};
    return store_run_one(store, &query, ret_seed, NULL, err);
}

// The first token of an empty registry. A connection that fails in between is thrown away by its pool, which
// ends the transaction and frees the lock.
enum status store_token_bootstrap(struct store *store, const char *name, const uint8_t hash[32],
                                  bool *ret_created, struct error *err) {
    static const struct db_column column = {"event", DB_COLUMN_INT64, 0, 0};
    static const struct db_columns columns = {&column, 1, 0, NULL};
    scoped(db_pool_end) struct db_loan loan = {0};
    scoped(db_rows_done) struct db_rows rows = {.columns = &columns};
    enum status status = db_pool_begin(store->pool, &loan, err);
    if (status) {
        return status;
    }
    status = db_run(loan.db, &(struct db_call){SQL_TRANSACTION_BEGIN}, NULL, err);
    if (status) {
        return status;
    }
    // Two daemons that start together take turns here, so that only one of them finds no token.
    status = db_run(loan.db, &(struct db_call){SQL_REGISTRY_LOCK}, NULL, err);
    if (status) {
        return status;
    }
    struct db_call call = {
        SQL_TOKEN_BOOTSTRAP,
        .values = {
            [TOKEN_BOOTSTRAP_NAME] = db_text(name), [TOKEN_BOOTSTRAP_HASH] = db_bytes(hash, 32)}};
    status = db_run(loan.db, &call, &rows, err);
    if (status) {
        return status;
    }
    int64_t event = 0;
    status = db_rows_next(&rows, &event, err);
    if (status) {
        return status;
    }
    status = db_run(loan.db, &(struct db_call){SQL_TRANSACTION_COMMIT}, NULL, err);
    if (status) {
        return status;
    }
    *ret_created = rows.found;
    return STATUS_OK;
}

// The grants come in the same statement: no token stands without what was promised for it.
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
                [TOKEN_CREATE_GRANTS] = db_text_list(token->grants, token->grant_count),
                [TOKEN_CREATE_ACTOR] = db_text(token->actor),
            },
    };
    struct store_query query = {.call = &call, .columns = &of_receipt, .arena = arena};
    return store_run_one(store, &query, ret_receipt, NULL, err);
}

enum status store_tokens_load(struct store *store, struct arena *arena,
                              const struct token_query *query, struct token_infos *ret_infos,
                              struct error *err) {
    // The cursor is a number here, so it is a parameter of its own.
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
    enum status status = store_run_page(store, &run, &page, &list, err);
    if (status) {
        return status;
    }
    *ret_infos = (struct token_infos){list.items, list.count, list.more};
    return STATUS_OK;
}

// By number or by hash: the holder of a token can revoke it without knowing its number.
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
