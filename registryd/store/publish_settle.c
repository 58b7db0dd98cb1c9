// SPDX-License-Identifier: MIT
// One statement asks for everything that can stand in the place of a release; the rest is saying it to
// a person.
#include "registryd/store/publish_settle.h"

#include "schema/base/cleanup.h"

#include <string.h>

// What is there in the place of a release.
struct identity {
    struct history_point point;
    const char *status;  // of the package; NULL when there is none
    const char *version; // of the release with the same key; NULL when there is none
    bool same;
};

static const struct db_column identity_columns[] = {
    {"epoch", DB_COLUMN_CHARS, offsetof(struct identity, point.epoch), EPOCH_SIZE},
    {"serial", DB_COLUMN_INT64, offsetof(struct identity, point.serial), 0},
    {"status", DB_COLUMN_BORROWED, offsetof(struct identity, status), 0},
    {"version", DB_COLUMN_BORROWED, offsetof(struct identity, version), 0},
    {"same", DB_COLUMN_BOOL, offsetof(struct identity, same), 0},
};

static bool is_closed(const char *package_status) {
    return strcmp(package_status, "archived") == 0 || strcmp(package_status, "quarantined") == 0;
}

enum status publish_settle(struct db *db, const struct valid_release *valid,
                           struct publish_outcome *ret_outcome, bool *ret_settled,
                           struct error *err) {
    static const struct db_columns columns = {identity_columns,
                                              sizeof identity_columns / sizeof *identity_columns};
    struct db_call call = {SQL_RELEASE_IDENTITY,
                           {db_text(valid->normalized_name),
                            db_bytes(valid->version_key, valid->version_key_len),
                            db_bytes(valid->digest, sizeof valid->digest)}};
    scoped(db_rows_done) struct db_rows rows = {.columns = &columns};
    struct identity found = {0};
    enum status status = db_run(db, &call, &rows, err);
    if (!status) {
        status = db_rows_next(&rows, &found, err);
    }
    if (status) {
        return status;
    }
    const char *name = valid->normalized_name;
    if (found.same) {
        *ret_outcome = (struct publish_outcome){.point = found.point};
        *ret_settled = true;
        return STATUS_OK;
    }
    if (found.version && strcmp(found.version, valid->normalized_version) != 0) {
        return fail(err, STATUS_CONFLICT, NULL,
                    "%s %s is the same version as %s, which is published already; "
                    "publish under a new version",
                    name, valid->normalized_version, found.version);
    }
    if (found.version) {
        return fail(err, STATUS_CONFLICT, NULL,
                    "%s %s is published already, with other content; a release never changes: "
                    "publish under a new version",
                    name, found.version);
    }
    if (found.status && is_closed(found.status)) {
        return fail(err, STATUS_CONFLICT, NULL, "The package %s is %s and takes no new releases",
                    name, found.status);
    }
    return STATUS_OK;
}
