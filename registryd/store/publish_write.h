// SPDX-License-Identifier: MIT
// Writing a batch of releases with one statement. Used by the group commit, and by the upload of an artifact
// inside its own transaction.
#pragma once

#include "registryd/store/libpq/db.h"
#include "registryd/store/store.h"

// One release on its way. Filled by the caller up to `publisher`; the rest belongs to the group commit.
struct publish_job {
    const struct valid_release *release; // checked; borrowed until the job is done
    const struct publisher *publisher;   // on whose behalf
    enum status status;             // as store_publish; CONFLICT: another transaction is writing it
    struct publish_outcome outcome; // not created: there is a reason not to write it
    struct error err;               // when it failed
    enum { PUBLISH_QUEUED, PUBLISH_TAKEN, PUBLISH_DONE } state;
    struct publish_job *next; // in the queue
};

// Writes the releases of all jobs, which must be of different packages, or none; sets `outcome` of
// each. Fails with: as store_publish, for the batch as a whole.
enum status publish_write(struct db *db, struct publish_job *const *jobs, size_t count,
                          struct error *err);

// The entry points of releases as lists, one item an entry point.
struct publish_entries {
    size_t count;
    int64_t *positions; // of the release, from 1
    struct text *groups;
    struct text *names;
    struct text *values;
    struct text *manifests; // compact JSON; empty: none
};

// Those of one release. Arena; the texts are the release's. Fails with: NO_MEMORY.
enum status publish_entries_make(struct arena *arena, const struct release *release,
                                 struct publish_entries *ret_entries, struct error *err);

// *ret_settled is true, and *ret_outcome set, when the same release is there or it is unchecked; it
// stays false when no reason is to be found any more. Of the job only what its caller filled in is read.
// Fails with: CONFLICT, FORBIDDEN, and as db_run.
enum status publish_conflict(struct db *db, const struct publish_job *job,
                             struct publish_outcome *ret_outcome, bool *ret_settled,
                             struct error *err);
