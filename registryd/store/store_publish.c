// SPDX-License-Identifier: MIT
// Publishing: one statement is the whole transaction, so a release costs one round trip and is
// visible whole or not at all. Only when it wrote nothing a second statement asks why. Two publishers
// of one version in the same moment meet at the unique key: the loser gets its answer from the same question.
// The writing itself is the publish queue's.
#include "registryd/store/store_handle.h"

#include "registryd/store/group_commit.h"
#include "registryd/store/publish_write.h"
#include "schema/base/cleanup.h"

enum { ATTEMPTS_MAX = 3 };

// *ret_settled is false when the reason for not writing is gone: write again.
static enum status settle(struct store *store, const struct publish_job *job,
                          struct publish_outcome *ret_outcome, bool *ret_settled,
                          struct error *err) {
    scoped(db_pool_end) struct db_loan loan = {0};
    enum status status = db_pool_begin(store->pool, &loan, err);
    return status ? status : publish_conflict(loan.db, job, ret_outcome, ret_settled, err);
}

enum status store_publish(struct store *store, const struct valid_release *release,
                          const struct publisher *publisher, struct publish_outcome *ret_outcome,
                          struct error *err) {
    for (int i = 0; i < ATTEMPTS_MAX; i++) {
        struct publish_job job = {.release = release, .publisher = publisher};
        group_commit_run(store->publishes, &job);
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
