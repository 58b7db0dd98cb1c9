// SPDX-License-Identifier: MIT
// Publishes that come at the same time travel together: the first caller writes for everybody who is
// waiting, in one transaction, so that the cost of making it durable is shared. Alone, a publish is
// not delayed. A release that the database refuses is refused alone. Any thread.
#pragma once

#include "registryd/store/libpq/db_pool.h"
#include "registryd/store/store.h"

struct group_commit;

// One release on its way. Filled by the caller up to `publisher`; the rest is the queue's.
struct publish_job {
    const struct valid_release *release;
    const struct publisher *publisher;
    enum status status;             // as store_publish; CONFLICT: somebody else is writing it
    struct publish_outcome outcome; // not created: there is a reason not to write it
    struct error err;
    enum { PUBLISH_QUEUED, PUBLISH_TAKEN, PUBLISH_DONE } state;
    struct publish_job *next;
};

// The pool is borrowed. Owned; NULL when out of memory.
struct group_commit *group_commit_new(struct db_pool *pool);
void group_commit_free(struct group_commit *queue);

// Writes the job's release, alone or with others, and returns when that is done.
void group_commit_run(struct group_commit *queue, struct publish_job *job);
