// SPDX-License-Identifier: MIT
// Publishes that arrive together share a transaction: the first caller writes for everybody who is waiting,
// so that the cost of making it durable is shared. A publish that arrives alone is not delayed. A release that
// the database refuses is refused alone. Any thread.
#pragma once

#include "registryd/store/libpq/db_pool.h"
#include "registryd/store/publish_write.h"

struct group_commit;

// The pool is borrowed. Owned; NULL when out of memory.
struct group_commit *group_commit_new(struct db_pool *pool);
void group_commit_free(struct group_commit *queue);

// Writes the job's release, alone or with others, and returns when that is done.
void group_commit_run(struct group_commit *queue, struct publish_job *job);
