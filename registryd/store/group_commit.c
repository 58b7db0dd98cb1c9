// SPDX-License-Identifier: MIT
// The queue behind group_commit.h. Making a transaction durable costs a disk flush of some milliseconds, the
// writing itself a tenth of that, so a thread that waits for a flush anyway writes for the others:
//     thread 1   arrives, leads: writes {1}             done
//     thread 2      arrives, waits ......... leads: writes {2, 3}    done
//     thread 3         arrives, waits ...... (taken by thread 2)     done
//     thread 4            arrives, same package as 2: waits ........ leads: writes {4}   done
// One thread leads at a time: it takes its own job and those waiting, at most one of each package, and writes
// them while new ones gather. A waiter whose job was taken stays until it is done: the job is on its stack.
#include "registryd/store/group_commit.h"

#include "schema/base/cleanup.h"
#include "schema/base/clock.h"

#include <pthread.h>
#include <string.h>

enum {
    BATCH_JOBS_MAX = 32,           // of one statement
    BATCH_BYTES_MAX = 1024 * 1024, // of documents; a single one may be larger
};

// The lock guards the list and the states of the jobs; it is never held while writing. When a batch fails for
// a reason that may lie in one release, each of its releases is written alone, and only that one fails.
struct group_commit {
    struct db_pool *pool;
    pthread_mutex_t lock;
    pthread_cond_t moved;      // a batch is done, or the lead is free
    struct publish_job *first; // jobs that wait, in the order they came
    bool led;                  // one of the waiting threads is writing
};

struct batch {
    struct publish_job *jobs[BATCH_JOBS_MAX];
    size_t count;
    size_t bytes; // of documents
};

struct group_commit *group_commit_new(struct db_pool *pool) {
    struct group_commit *queue = calloc(1, sizeof *queue);
    pthread_condattr_t attributes;
    if (!queue || pthread_condattr_init(&attributes)) {
        free(queue);
        return NULL;
    }
    queue->pool = pool;
    bool ready = !pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) &&
                 !pthread_cond_init(&queue->moved, &attributes) &&
                 !pthread_mutex_init(&queue->lock, NULL);
    pthread_condattr_destroy(&attributes);
    if (!ready) {
        free(queue);
        return NULL;
    }
    return queue;
}

void group_commit_free(struct group_commit *queue) {
    if (queue) {
        pthread_cond_destroy(&queue->moved);
        pthread_mutex_destroy(&queue->lock);
        free(queue);
    }
}

static void append(struct group_commit *queue, struct publish_job *job) {
    struct publish_job **end = &queue->first;
    while (*end) {
        end = &(*end)->next;
    }
    *end = job;
}

static void remove_job(struct group_commit *queue, const struct publish_job *job) {
    struct publish_job **at = &queue->first;
    while (*at && *at != job) {
        at = &(*at)->next;
    }
    if (*at) {
        *at = job->next;
    }
}

static bool has_package(const struct batch *batch, const char *name) {
    for (size_t i = 0; i < batch->count; i++) {
        if (strcmp(batch->jobs[i]->release->normalized_name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void take_job(struct batch *batch, struct publish_job *job) {
    job->state = PUBLISH_TAKEN;
    batch->bytes += job->release->document_len;
    batch->jobs[batch->count++] = job;
}

// The leader's own job and whatever may go with it, in the order it came.
static void take_batch(struct group_commit *queue, struct publish_job *own, struct batch *batch) {
    *batch = (struct batch){.count = 0};
    remove_job(queue, own);
    take_job(batch, own);
    struct publish_job **at = &queue->first;
    while (*at && batch->count < BATCH_JOBS_MAX) {
        struct publish_job *job = *at;
        bool fits = batch->bytes + job->release->document_len <= BATCH_BYTES_MAX;
        if (!fits || has_package(batch, job->release->normalized_name)) {
            at = &job->next;
            continue;
        }
        *at = job->next;
        take_job(batch, job);
    }
}

// Whether the fault may lie in one of the releases, so that the others deserve another try.
static bool is_about_content(enum status status) {
    return status == STATUS_CONFLICT || status == STATUS_INVALID || status == STATUS_TOO_LARGE ||
           status == STATUS_NO_MEMORY || status == STATUS_INTERNAL;
}

static enum status write_on_loan(struct db_pool *pool, struct publish_job *const *jobs,
                                 size_t count, struct error *err) {
    scoped(db_pool_end) struct db_loan loan = {0};
    enum status status = db_pool_begin(pool, &loan, err);
    return status ? status : publish_write(loan.db, jobs, count, err);
}

// One statement for all of them, so they have one outcome. publish_write says which of them it created.
static void write_jobs(struct db_pool *pool, struct publish_job *const *jobs, size_t count) {
    struct error err = {0};
    enum status status = write_on_loan(pool, jobs, count, &err);
    for (size_t i = 0; i < count; i++) {
        jobs[i]->status = status;
        jobs[i]->err = err;
    }
}

// Writes the jobs one by one; when the database itself fails, the rest is not tried any more, or all
// of them together could take a multiple of the deadline.
static void write_singly(struct db_pool *pool, const struct batch *batch) {
    bool is_database_lost = false;
    for (size_t i = 0; i < batch->count; i++) {
        struct publish_job *job = batch->jobs[i];
        if (is_database_lost) {
            job->status = fail(&job->err, STATUS_UNAVAILABLE, NULL,
                               "The database failed while others were publishing; try again");
            continue;
        }
        write_jobs(pool, &job, 1);
        is_database_lost = job->status && !is_about_content(job->status);
    }
}

static void write_batch(struct db_pool *pool, const struct batch *batch) {
    write_jobs(pool, batch->jobs, batch->count);
    if (batch->count > 1 && is_about_content(batch->jobs[0]->status)) {
        write_singly(pool, batch);
    }
}

// Called with the lock held; gives it up while writing.
static void lead(struct group_commit *queue, struct publish_job *own) {
    struct batch batch;
    queue->led = true;
    take_batch(queue, own, &batch);
    pthread_mutex_unlock(&queue->lock);
    write_batch(queue->pool, &batch);
    pthread_mutex_lock(&queue->lock);
    for (size_t i = 0; i < batch.count; i++) {
        batch.jobs[i]->state = PUBLISH_DONE;
    }
    queue->led = false;
    pthread_cond_broadcast(&queue->moved);
}

// Gives up a job that no leader has taken in time.
static void give_up(struct group_commit *queue, struct publish_job *job) {
    remove_job(queue, job);
    job->status = fail(&job->err, STATUS_UNAVAILABLE, NULL,
                       "Too many publishes are waiting for the database; try again");
    job->state = PUBLISH_DONE;
}

void group_commit_run(struct group_commit *queue, struct publish_job *job) {
    int64_t deadline_ms = monotonic_ms() + db_pool_timeout_ms(queue->pool);
    job->state = PUBLISH_QUEUED;
    job->next = NULL;
    pthread_mutex_lock(&queue->lock);
    append(queue, job);
    while (job->state != PUBLISH_DONE) {
        if (job->state == PUBLISH_TAKEN) {
            pthread_cond_wait(&queue->moved, &queue->lock);
        } else if (!queue->led) {
            lead(queue, job);
        } else if (monotonic_ms() < deadline_ms) {
            monotonic_wait(&queue->moved, &queue->lock, deadline_ms);
        } else {
            give_up(queue, job);
        }
    }
    pthread_mutex_unlock(&queue->lock);
}
