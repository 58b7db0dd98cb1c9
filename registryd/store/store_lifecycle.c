// SPDX-License-Identifier: MIT
// Yanking, quarantine and the status of packages. As with publishing, one statement is the whole
// transaction, and only when it wrote nothing a second one asks why. Two who change the same thing at
// once meet at its row; the second sees what the first made.
#include "registryd/store/store_lifecycle.h"

#include "registryd/store/store_handle.h"
#include "schema/base/list.h"

// What is there in the place of a change that wrote nothing.
struct name_owner {
    struct history_point point;
    bool has_package;
    bool has_release;
    bool has_successor;
};

#define AT(member) offsetof(struct name_owner, member)
static const struct db_column place_columns[] = {
    {"epoch", DB_COLUMN_CHARS, AT(point.epoch), EPOCH_SIZE},
    {"serial", DB_COLUMN_INT64, AT(point.serial), 0},
    {"has_package", DB_COLUMN_BOOL, AT(has_package), 0},
    {"has_release", DB_COLUMN_BOOL, AT(has_release), 0},
    {"has_successor", DB_COLUMN_BOOL, AT(has_successor), 0},
};
#undef AT

static enum status load_place(struct store *store, const struct db_call *call,
                              struct name_owner *ret_place, struct error *err) {
    static const struct db_columns columns = {place_columns, COUNT_OF(place_columns)};
    struct store_query query = {.call = call, .columns = &columns};
    return store_run_one(store, &query, ret_place, NULL, err);
}

// Runs the statement of a change. *ret_outcome->changed tells whether it wrote.
static enum status write_change(struct store *store, const struct db_call *call,
                                struct lifecycle_outcome *ret_outcome, struct error *err) {
    struct store_query query = {.call = call, .columns = &store_point_columns};
    struct lifecycle_outcome outcome = {0};
    enum status status = store_run_one(store, &query, &outcome.point, &outcome.changed, err);
    if (!status) {
        *ret_outcome = outcome;
    }
    return status;
}

static enum status change_release(struct store *store, enum sql_statement statement,
                                  const struct release_change *change,
                                  struct lifecycle_outcome *ret_outcome, struct error *err) {
    struct lifecycle_outcome outcome;
    struct db_call call = {statement,
                           {db_text(change->package), db_text(change->version),
                            db_text(change->reason), db_text(change->actor)}};
    enum status status = write_change(store, &call, &outcome, err);
    if (!status && !outcome.changed) {
        struct name_owner place = {0};
        struct db_call ask = {SQL_LIFECYCLE_PLACE,
                              .values = {
                                  [LIFECYCLE_PLACE_PACKAGE] = db_text(change->package),
                                  [LIFECYCLE_PLACE_VERSION] = db_text(change->version),
                                  [LIFECYCLE_PLACE_REPLACED_BY] = db_text(NULL),
                              }};
        status = load_place(store, &ask, &place, err);
        outcome.point = place.point;
        if (!status && !place.has_release) {
            return fail(err, STATUS_NOT_FOUND, NULL, "There is no release %s of %s",
                        change->version, change->package);
        }
    }
    if (!status) {
        *ret_outcome = outcome;
    }
    return status;
}

enum status store_release_yank(struct store *store, const struct release_change *change,
                               struct lifecycle_outcome *ret_outcome, struct error *err) {
    return change_release(store, SQL_RELEASE_YANK, change, ret_outcome, err);
}

enum status store_release_quarantine(struct store *store, const struct release_change *change,
                                     struct lifecycle_outcome *ret_outcome, struct error *err) {
    return change_release(store, SQL_RELEASE_STATE, change, ret_outcome, err);
}

static enum status check_place(const struct name_owner *place, const struct package_change *change,
                               struct error *err) {
    if (!place->has_package) {
        return fail(err, STATUS_NOT_FOUND, NULL, "There is no package %s", change->package);
    }
    if (change->replaced_by && !place->has_successor) {
        return fail(err, STATUS_INVALID, "/replaced_by",
                    "There is no package %s that could replace %s", change->replaced_by,
                    change->package);
    }
    return STATUS_OK;
}

enum status store_package_status_set(struct store *store, const struct package_change *change,
                                     struct lifecycle_outcome *ret_outcome, struct error *err) {
    struct lifecycle_outcome outcome;
    struct db_call call = {SQL_PACKAGE_STATUS,
                           .values = {
                               [PACKAGE_STATUS_PACKAGE] = db_text(change->package),
                               [PACKAGE_STATUS_STATUS] = db_text(change->status),
                               [PACKAGE_STATUS_REASON] = db_text(change->reason),
                               [PACKAGE_STATUS_REPLACED_BY] = db_text(change->replaced_by),
                               [PACKAGE_STATUS_ACTOR] = db_text(change->actor),
                           }};
    enum status status = write_change(store, &call, &outcome, err);
    if (!status && !outcome.changed) {
        struct name_owner place = {0};
        struct db_call ask = {SQL_LIFECYCLE_PLACE,
                              .values = {
                                  [LIFECYCLE_PLACE_PACKAGE] = db_text(change->package),
                                  [LIFECYCLE_PLACE_VERSION] = db_text(NULL),
                                  [LIFECYCLE_PLACE_REPLACED_BY] = db_text(change->replaced_by),
                              }};
        status = load_place(store, &ask, &place, err);
        status = status ? status : check_place(&place, change, err);
        outcome.point = place.point;
    }
    if (!status) {
        *ret_outcome = outcome;
    }
    return status;
}
