// SPDX-License-Identifier: MIT
// Publishing: one statement is the whole transaction, so a release costs one round trip and is
// visible whole or not at all. Only when it wrote nothing a second statement asks why. Two publishers
// of one version in the same moment meet at the unique key: the loser is told by the same question.
// The writing itself is the publish queue's.
#include "registryd/store/store_handle.h"

#include "registryd/store/publish_queue.h"
#include "schema/base/cleanup.h"

#include <string.h>

enum { ATTEMPTS_MAX = 3 };

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

// Why nothing was written; *ret_settled stays false when no reason is to be found.
static enum status explain(struct db *db, const struct valid_release *valid,
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

// *ret_settled is false when the reason for not writing is gone: write again.
static enum status settle(struct store *store, const struct publish_job *job,
                          struct publish_outcome *ret_outcome, bool *ret_settled,
                          struct error *err) {
    scoped(db_pool_end) struct db_loan loan = {0};
    enum status status = db_pool_begin(store->pool, &loan, err);
    return status ? status : explain(loan.db, job->release, ret_outcome, ret_settled, err);
}

enum status store_publish(struct store *store, const struct valid_release *release,
                          const char *actor, struct publish_outcome *ret_outcome,
                          struct error *err) {
    for (int i = 0; i < ATTEMPTS_MAX; i++) {
        struct publish_job job = {.release = release, .actor = actor};
        publish_queue_run(store->publishes, &job);
        if (job.status && job.status != STATUS_CONFLICT) {
            return fail(err, job.status, job.err.where, "%s", job.err.message);
        }
        struct publish_outcome outcome = job.outcome;
        bool settled = !job.status && outcome.created;
        enum status status = STATUS_OK;
        if (!settled) {
            status = settle(store, &job, &outcome, &settled, err);
        }
        if (!status && settled) {
            *ret_outcome = outcome;
        }
        if (status || settled) {
            return status;
        }
    }
    return fail(err, STATUS_INTERNAL, NULL, "The release can neither be written nor found");
}
