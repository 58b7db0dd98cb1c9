// SPDX-License-Identifier: MIT
// Bringing the schema up to date. A session lock keeps several daemons from migrating at once: the
// late ones wait, and then find nothing to do. Each migration is one transaction with its record, so
// a daemon killed half-way leaves whole steps behind. Called once, at start.
#include "registryd/store/history/history_gate.h"
#include "registryd/store/store_handle.h"

#include "schema/base/cleanup.h"
#include "schema/base/list.h"
#include "schema/base/clock.h"

#include <string.h>

enum {
    MIGRATE_TIMEOUT_MS = 10 * 60 * 1000, // of all migrations together
    OLDEST_SERVER = 130000,              // as PostgreSQL counts its versions
    ENCODING_SIZE = 64,                  // more than any encoding's name needs
};

CLEANUP_DEFINE(struct db *, close_db, db_close)

// A row of the table of migrations. The checksum is of the file as it was applied.
struct applied {
    int64_t version; // from 1, without gaps
    const char *name;
    const char *checksum; // of the file as it was applied
};

static const struct db_column applied_columns[] = {
    {"version", DB_COLUMN_INT64, offsetof(struct applied, version), 0},
    {"name", DB_COLUMN_BORROWED, offsetof(struct applied, name), 0},
    {"checksum", DB_COLUMN_BORROWED, offsetof(struct applied, checksum), 0},
};

struct facts {
    bool migrated; // the table of migrations is there
    char encoding[ENCODING_SIZE];
    int64_t server_version;
};

static const struct db_column fact_columns[] = {
    {"migrated", DB_COLUMN_BOOL, offsetof(struct facts, migrated), 0},
    {"encoding", DB_COLUMN_CHARS, offsetof(struct facts, encoding), ENCODING_SIZE},
    {"server_version", DB_COLUMN_INT64, offsetof(struct facts, server_version), 0},
};

// In order and without gaps. An altered migration is refused, because what it did is unknown.
static enum status check_applied(const struct applied *applied, int64_t expected,
                                 struct error *err) {
    if (applied->version > SQL_MIGRATION_COUNT) {
        return fail(err, STATUS_CONFLICT, NULL,
                    "The database was made by a newer registryd (it has migration %lld, %s; this "
                    "program knows %d). Install that version or a later one",
                    (long long)applied->version, applied->name, SQL_MIGRATION_COUNT);
    }
    if (applied->version != expected) {
        return fail(err, STATUS_CONFLICT, NULL,
                    "The database lacks migration %lld, but has a later one", (long long)expected);
    }
    const struct sql_migration *known = &sql_migrations[expected - 1];
    if (strcmp(applied->checksum, known->checksum) != 0) {
        return fail(err, STATUS_CONFLICT, NULL,
                    "Migration %d (%s) in the database differs from the one in this program. Use "
                    "the registryd that created the database",
                    known->version, known->name);
    }
    return STATUS_OK;
}

static enum status load_facts(struct db *db, struct facts *ret_facts, struct error *err) {
    static const struct db_columns columns = {fact_columns, COUNT_OF(fact_columns), 0, NULL};
    scoped(db_rows_done) struct db_rows rows = {.columns = &columns};
    enum status status = db_run(db, &(struct db_call){SQL_DATABASE_FACTS}, &rows, err);
    return status ? status : db_rows_next(&rows, ret_facts, err);
}

static enum status check_facts(const struct facts *facts, struct error *err) {
    if (facts->server_version < OLDEST_SERVER) {
        return fail(err, STATUS_CONFLICT, NULL,
                    "PostgreSQL %d or later is needed; the database's server is of version %lld",
                    OLDEST_SERVER / 10000, (long long)facts->server_version / 10000);
    }
    if (strcmp(facts->encoding, "UTF8") != 0) {
        return fail(err, STATUS_CONFLICT, NULL,
                    "The database's encoding is %s; create one with ENCODING 'UTF8' TEMPLATE "
                    "template0",
                    facts->encoding);
    }
    return STATUS_OK;
}

// How many migrations the database has, all of them known and unaltered.
static enum status count_applied(struct db *db, int *ret_count, struct error *err) {
    static const struct db_columns columns = {applied_columns, COUNT_OF(applied_columns), 0, NULL};
    struct facts facts = {0};
    *ret_count = 0;
    enum status status = load_facts(db, &facts, err);
    if (status) {
        return status;
    }
    status = check_facts(&facts, err);
    if (status || !facts.migrated) {
        return status;
    }
    scoped(db_rows_done) struct db_rows rows = {.columns = &columns};
    status = db_run(db, &(struct db_call){SQL_MIGRATIONS_APPLIED}, &rows, err);
    while (!status) {
        struct applied applied;
        status = db_rows_next(&rows, &applied, err);
        if (status || !rows.found) {
            break;
        }
        status = check_applied(&applied, *ret_count + 1, err);
        *ret_count += !status;
    }
    return status;
}

// The script and its record are one transaction: a migration is there whole, and known, or not at all.
static enum status apply_whole(struct db *db, const struct sql_migration *migration,
                               struct error *err) {
    enum status status = db_run(db, &(struct db_call){SQL_TRANSACTION_BEGIN}, NULL, err);
    if (status) {
        return status;
    }
    status = db_run_script(db, migration->text, err);
    if (status) {
        return status;
    }
    struct db_call record = {SQL_MIGRATION_RECORD,
                             .values = {
                                 [MIGRATION_RECORD_VERSION] = db_int64(migration->version),
                                 [MIGRATION_RECORD_NAME] = db_text(migration->name),
                                 [MIGRATION_RECORD_CHECKSUM] = db_text(migration->checksum),
                             }};
    status = db_run(db, &record, NULL, err);
    return status ? status : db_run(db, &(struct db_call){SQL_TRANSACTION_COMMIT}, NULL, err);
}

static enum status apply(struct db *db, const struct sql_migration *migration, struct error *err) {
    enum status status = apply_whole(db, migration, err);
    // When the connection breaks at the commit, the migration may be there or not. The next start reads
    // the table of migrations and goes on from what it finds.
    return status == STATUS_UNKNOWN_OUTCOME
               ? fail(err, STATUS_UNAVAILABLE, NULL, "The database was lost while migrating")
               : status;
}

// Stops at the first failure; what was applied stays, as whole steps.
static enum status apply_missing(struct store *store, struct db *db, struct error *err) {
    int count = 0;
    enum status status = count_applied(db, &count, err);
    for (int i = count; !status && i < SQL_MIGRATION_COUNT; i++) {
        status = apply(db, &sql_migrations[i], err);
        if (!status) {
            log_event(store->log, LOG_LEVEL_INFO, "event=migrated version=%d name=%s",
                      sql_migrations[i].version, sql_migrations[i].name);
        }
    }
    return status;
}

static enum status set_limits(struct db *db, const char *statement, const char *lock,
                              struct error *err) {
    struct db_call call = {SQL_SESSION_LIMITS,
                           .values = {[SESSION_LIMITS_STATEMENT_TIMEOUT] = db_text(statement),
                                      [SESSION_LIMITS_LOCK_TIMEOUT] = db_text(lock)}};
    return db_run(db, &call, NULL, err);
}

// The daemon's role and the one for backups.
static enum status admit_roles(struct store *store, struct db *db, struct error *err) {
    struct db_call application = {SQL_ADMIT_APPLICATION,
                                  .values = {[ADMIT_APPLICATION_ROLE_NAME] = db_text(store->role)}};
    struct db_call backup = {SQL_ADMIT_BACKUP,
                             .values = {[ADMIT_BACKUP_ROLE_NAME] = db_text(store->backup_role)}};
    struct db_call moves = {SQL_ADMIT_FILE_MOVES,
                            .values = {[ADMIT_FILE_MOVES_ROLE_NAME] = db_text(store->role),
                                       [ADMIT_FILE_MOVES_IS_ALLOWED] = db_bool(store->objects)}};
    enum status status = store->role ? db_run(db, &application, NULL, err) : STATUS_OK;
    if (status) {
        return status;
    }
    status = store->role ? db_run(db, &moves, NULL, err) : STATUS_OK;
    if (status) {
        return status;
    }
    atomic_store(&store->is_admitted, true);
    return store->backup_role ? db_run(db, &backup, NULL, err) : STATUS_OK;
}

// The connection was made before there was a history to look at.
static enum status adopt_history(struct store *store, struct db *db, struct error *err) {
    history_gate_close(store->gate);
    return history_gate_admit(store->gate, db, err);
}

// A database that lacks nothing needs no owner: a start must not wait for ever for a host that only the
// owner's connection string names.
static enum status begin_without_owner(struct store *store, struct error *err) {
    scoped(db_pool_end) struct db_loan loan = {0};
    int count = 0;
    enum status status = db_pool_begin(store->pool, &loan, err);
    if (status) {
        return status;
    }
    status = count_applied(loan.db, &count, err);
    if (status == STATUS_CONFLICT) {
        return status;
    }
    if (status || count != SQL_MIGRATION_COUNT) {
        return fail(err, STATUS_UNAVAILABLE, "database-owner-url",
                    "The database cannot be reached as its owner, whom its migrations need");
    }
    log_event(store->log, LOG_LEVEL_WARNING,
              "event=owner-unreachable detail=\"the schema is current, so registryd goes on\"");
    atomic_store(&store->is_admitted, true);
    return adopt_history(store, loan.db, err);
}

static enum status migrate_on(struct store *store, struct db *db, struct error *err) {
    db_set_deadline(db, monotonic_ms() + MIGRATE_TIMEOUT_MS);
    // Waiting for another daemon's migration may take long; waiting for a table may not, because
    // every reader of that table would wait behind us.
    enum status status = set_limits(db, "0", "0", err);
    if (status) {
        return status;
    }
    status = db_run(db, &(struct db_call){SQL_MIGRATIONS_LOCK}, NULL, err);
    if (status) {
        return status;
    }
    status = set_limits(db, "0", "2s", err);
    if (status) {
        return status;
    }
    status = apply_missing(store, db, err);
    if (status) {
        return status;
    }
    status = admit_roles(store, db, err);
    return status ? status : adopt_history(store, db, err);
}

enum status store_migrate(struct store *store, struct error *err) {
    scoped(close_db) struct db *db = NULL;
    struct db_pool *pool = store->owners ? store->owners : store_session_pool(store);
    enum status status = db_pool_open_apart(pool, db_pool_timeout_ms(pool), &db, err);
    if (status == STATUS_UNAVAILABLE && store->owners) {
        return begin_without_owner(store, err);
    }
    return status ? status : migrate_on(store, db, err);
}
