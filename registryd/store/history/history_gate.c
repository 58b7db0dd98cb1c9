// SPDX-License-Identifier: MIT
// A connection is judged by what history.c says. Adopting is one statement that changes nothing when another
// daemon was quicker, so it is followed by another look. The lock is held while the file is written, which is
// rare, and never while a server is asked.
//
// When a later history comes, every connection made before may lead to the server that was left behind: the
// pools stop using them, and a commit under way there is reported as unknown (db_run.c).
#include "registryd/store/history/history_gate.h"

#include "registryd/store/history/history.h"
#include "schema/base/cleanup.h"
#include "schema/base/list.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum { POOLS_MAX = 4, LOOKS = 3 };

struct history_gate {
    char *path; // owned; NULL = none
    int64_t accepted;
    const struct log_sink *log;
    struct db_pool *pools[POOLS_MAX];
    size_t pool_count;
    atomic_bool is_closed; // the tables must be there

    pthread_mutex_t lock;
    struct history remembered;
    bool is_in_use;                   // a connection of this process has been let through
    char refused[HISTORY_EPOCH_SIZE]; // of the server that the log has named last
};

CLEANUP_DEFINE(struct history_gate *, free_gate, history_gate_free)

enum status history_gate_new(const struct history_gate_settings *settings,
                             struct history_gate **ret_gate, struct error *err) {
    scoped(free_gate) struct history_gate *gate = calloc(1, sizeof *gate);
    if (!gate) {
        return fail_no_memory(err);
    }
    pthread_mutex_init(&gate->lock, NULL);
    atomic_init(&gate->is_closed, false);
    gate->accepted = settings->accepted;
    gate->log = settings->log;
    if (settings->path) {
        gate->path = strdup(settings->path);
        if (!gate->path) {
            return fail_no_memory(err);
        }
        enum status status = history_load(gate->path, &gate->remembered, err);
        if (status) {
            return status;
        }
    }
    *ret_gate = take(gate);
    return STATUS_OK;
}

void history_gate_free(struct history_gate *gate) {
    if (gate) {
        pthread_mutex_destroy(&gate->lock);
        free(gate->path);
        free(gate);
    }
}

void history_gate_watch(struct history_gate *gate, struct db_pool *pool) {
    if (gate->pool_count < POOLS_MAX) {
        gate->pools[gate->pool_count++] = pool;
    }
}

void history_gate_close(struct history_gate *gate) {
    atomic_store(&gate->is_closed, true);
}

static const struct db_column found_columns[] = {
    {"counted", DB_COLUMN_CHARS, offsetof(struct history_found, counted), HISTORY_TEXT_SIZE},
    {"here", DB_COLUMN_CHARS, offsetof(struct history_found, here), HISTORY_TEXT_SIZE},
    {"epoch", DB_COLUMN_CHARS, offsetof(struct history_found, epoch), HISTORY_EPOCH_SIZE},
    {"number", DB_COLUMN_INT64, offsetof(struct history_found, number), 0},
};

static enum status run_one(struct db *db, const struct db_call *call,
                           const struct db_columns *columns, void *ret_row, struct error *err) {
    scoped(db_rows_done) struct db_rows rows = {.columns = columns};
    enum status status = db_run(db, call, &rows, err);
    return status ? status : db_rows_next(&rows, ret_row, err);
}

// Before the first migration there is nothing to look at.
static enum status find(struct history_gate *gate, struct db *db, bool *ret_known,
                        struct history_found *ret_found, struct error *err) {
    static const struct db_column known_column = {"known", DB_COLUMN_BOOL, 0, 0};
    static const struct db_columns known_columns = {&known_column, 1, 0, NULL};
    static const struct db_columns columns = {found_columns, COUNT_OF(found_columns), 0, NULL};
    *ret_known = true;
    if (!atomic_load(&gate->is_closed)) {
        enum status status =
            run_one(db, &(struct db_call){SQL_HISTORY_KNOWN}, &known_columns, ret_known, err);
        if (status || !*ret_known) {
            return status;
        }
    }
    return run_one(db, &(struct db_call){SQL_HISTORY_FOUND}, &columns, ret_found, err);
}

// Under the lock. What cannot be written is remembered in memory all the same.
static void remember(struct history_gate *gate, const struct history_found *found) {
    struct error err = {0};
    struct history before = gate->remembered;
    gate->remembered = history_of(found);
    if (gate->path && history_keep(gate->path, &gate->remembered, &err)) {
        log_event(gate->log, LOG_LEVEL_ERROR, "event=history-not-kept detail=\"%s\"", err.message);
    }
    bool is_later = gate->is_in_use && strcmp(before.epoch, gate->remembered.epoch) != 0;
    for (size_t i = 0; is_later && i < gate->pool_count; i++) {
        db_pool_leave(gate->pools[i]);
    }
}

// Judging and remembering are one step, or a slow connection could bring back what a quick one has left.
static enum history_verdict judge(struct history_gate *gate, const struct history_found *found,
                                  struct history *ret_remembered) {
    pthread_mutex_lock(&gate->lock);
    enum history_verdict verdict = history_judge(&gate->remembered, found, gate->accepted);
    if (verdict == HISTORY_FOLLOWED) {
        remember(gate, found);
    }
    if (verdict == HISTORY_KNOWN || verdict == HISTORY_FOLLOWED) {
        gate->is_in_use = true;
        gate->refused[0] = '\0';
    }
    *ret_remembered = gate->remembered;
    pthread_mutex_unlock(&gate->lock);
    return verdict;
}

// A refused server is named once, until another one has been used.
static enum status refuse(struct history_gate *gate, const struct history_found *found,
                          const struct history *remembered, bool is_forked, struct error *err) {
    pthread_mutex_lock(&gate->lock);
    bool is_news = strcmp(gate->refused, found->epoch) != 0;
    memcpy(gate->refused, found->epoch, sizeof gate->refused);
    pthread_mutex_unlock(&gate->lock);
    if (is_news) {
        log_event(gate->log, LOG_LEVEL_ERROR,
                  "event=history-refused code=%s found=%s epoch=%s number=%lld seen_epoch=%s "
                  "seen_number=%lld advice=\"stop this server; if it is a restored one, start "
                  "registryd with --accept-history %lld\"",
                  is_forked ? "history-conflict" : "history-older", found->here, found->epoch,
                  (long long)found->number, remembered->epoch, (long long)remembered->number,
                  (long long)remembered->number);
    }
    return fail(err, STATUS_UNAVAILABLE, NULL,
                "its history %s (epoch %lld) %s epoch %lld, which was used last", found->here,
                (long long)found->number, is_forked ? "conflicts with" : "is older than",
                (long long)remembered->number);
}

static enum status adopt(struct history_gate *gate, struct db *db, const struct history *remembered,
                         const char *replaced, struct error *err) {
    static const struct db_column adopted_columns[] = {
        {"epoch", DB_COLUMN_CHARS, offsetof(struct history, epoch), HISTORY_EPOCH_SIZE},
        {"number", DB_COLUMN_INT64, offsetof(struct history, number), 0},
    };
    static const struct db_columns columns = {adopted_columns, COUNT_OF(adopted_columns), 0, NULL};
    struct db_call call = {SQL_HISTORY_ADOPT,
                           .values = {[HISTORY_ADOPT_FLOOR] = db_int64(remembered->number + 1),
                                      [HISTORY_ADOPT_REPLACED] = db_text(replaced)}};
    struct history adopted = {0};
    enum status status = run_one(db, &call, &columns, &adopted, err);
    if (!status && adopted.epoch[0]) {
        log_event(gate->log, LOG_LEVEL_INFO, "event=history-adopted epoch=%s number=%lld",
                  adopted.epoch, (long long)adopted.number);
    }
    return status;
}

// A look, and what follows from it; *ret_again when another look is needed.
static enum status look(struct history_gate *gate, struct db *db, bool *ret_again,
                        struct error *err) {
    struct history_found found = {0};
    struct history remembered;
    bool is_known = false;
    *ret_again = false;
    enum status status = find(gate, db, &is_known, &found, err);
    if (status || !is_known) {
        return status;
    }
    switch (judge(gate, &found, &remembered)) {
    case HISTORY_KNOWN:
    case HISTORY_FOLLOWED:
        return STATUS_OK;
    case HISTORY_NEW:
        *ret_again = true;
        return adopt(gate, db, &remembered, "", err);
    case HISTORY_REPLACED:
        *ret_again = true;
        return adopt(gate, db, &remembered, found.epoch, err);
    case HISTORY_OLDER:
        return refuse(gate, &found, &remembered, false, err);
    case HISTORY_FORKED:
        return refuse(gate, &found, &remembered, true, err);
    }
    return fail(err, STATUS_INTERNAL, NULL, "A history has no verdict");
}

enum status history_gate_admit(void *context, struct db *db, struct error *err) {
    struct history_gate *gate = context;
    bool is_open = !atomic_load(&gate->is_closed);
    bool again = true;
    enum status status = STATUS_OK;
    for (int i = 0; i < LOOKS && again && !status; i++) {
        status = look(gate, db, &again, err);
    }
    if (status == STATUS_INTERNAL && is_open) {
        return STATUS_OK; // our role may not read yet: the owner lets it in after the migrations
    }
    if (status == STATUS_UNKNOWN_OUTCOME) {
        // Whether the epoch was written does not matter here: the next connection asks again.
        return fail(err, STATUS_UNAVAILABLE, NULL, "the connection was lost");
    }
    return !status && again ? fail(err, STATUS_UNAVAILABLE, NULL, "its history keeps changing")
                            : status;
}
