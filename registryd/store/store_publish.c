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

// The same statement in a transaction of its own that is rolled back: whatever would refuse the release refuses it
// here, and nothing of it stays.
static enum status rehearse(struct store *store, struct publish_job *job, struct error *err) {
    scoped(db_pool_end) struct db_loan loan = {0};
    struct publish_job *const jobs[] = {job};
    enum status status = db_pool_begin(store->pool, &loan, err);
    if (status) {
        return status;
    }
    status = db_run(loan.db, &(struct db_call){SQL_TRANSACTION_BEGIN}, NULL, err);
    if (status) {
        return status;
    }
    status = publish_write(loan.db, jobs, 1, err);
    struct error at_end; // a connection that cannot even end its transaction is thrown away
    db_run(loan.db, &(struct db_call){SQL_TRANSACTION_END}, NULL, &at_end);
    return status;
}

static void write_job(struct store *store, struct publish_job *job) {
    if (job->publisher->is_dry_run) {
        job->status = rehearse(store, job, &job->err);
    } else {
        group_commit_run(store->publishes, job);
    }
}

enum status store_publish(struct store *store, const struct valid_release *release,
                          const struct publisher *publisher, struct publish_outcome *ret_outcome,
                          struct error *err) {
    for (int i = 0; i < ATTEMPTS_MAX; i++) {
        struct publish_job job = {.release = release, .publisher = publisher};
        write_job(store, &job);
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

enum status store_publish_at_once(struct store *store, const struct valid_release *release,
                                  const struct publisher *publisher,
                                  struct publish_outcome *ret_outcome, struct error *err) {
    struct publish_job job = {.release = release, .publisher = publisher};
    group_commit_run(store->publishes, &job);
    if (job.status && job.status != STATUS_CONFLICT) {
        return fail(err, job.status, job.err.where, "%s", job.err.message);
    }
    *ret_outcome = job.status ? (struct publish_outcome){0} : job.outcome;
    return STATUS_OK;
}

enum status store_publish_ask(struct store *store, const struct valid_release *release,
                              const struct publisher *publisher,
                              struct publish_outcome *ret_outcome, struct error *err) {
    struct publish_job job = {.release = release, .publisher = publisher};
    bool settled = false;
    return settle(store, &job, ret_outcome, &settled, err);
}
