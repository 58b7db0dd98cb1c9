// SPDX-License-Identifier: MIT
// A small table of clients that are refused now. The first refusal is written at once, so that an
// operator sees it; what follows within a minute is only counted, and written as one line when the
// minute is over. When the table is full, the row whose minute ends first is written and given away.
#include "registryd/access/refusal_log.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROWS = 256, CLIENT_SIZE = 64, DETAIL_SIZE = 160, PERIOD_S = 60 };

struct refusal_row {
    char client[CLIENT_SIZE]; // empty = free
    enum status status;       // why requests were refused
    char detail[DETAIL_SIZE];
    long long count; // refusals since the last line
    int64_t until_s; // when the next line may be written
};

struct refusal_log {
    const struct log_sink *log;
    pthread_mutex_t lock;
    struct refusal_row rows[ROWS];
};

static int64_t now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return now.tv_sec;
}

struct refusal_log *refusal_log_new(const struct log_sink *log) {
    struct refusal_log *refusals = calloc(1, sizeof *refusals);
    if (refusals) {
        refusals->log = log;
        pthread_mutex_init(&refusals->lock, NULL);
    }
    return refusals;
}

static void write_row(struct refusal_log *refusals, struct refusal_row *row) {
    if (row->count) {
        log_event(refusals->log, LOG_LEVEL_WARNING,
                  "event=requests-refused client=%s code=%s count=%lld detail=\"%s\"", row->client,
                  status_info(row->status)->wire_name, row->count, row->detail);
    }
    row->count = 0;
}

void refusal_log_free(struct refusal_log *refusals) {
    if (!refusals) {
        return;
    }
    for (size_t i = 0; i < ROWS; i++) {
        write_row(refusals, &refusals->rows[i]);
    }
    pthread_mutex_destroy(&refusals->lock);
    free(refusals);
}

static struct refusal_row *find_row(struct refusal_log *refusals, const char *client,
                                    enum status status) {
    struct refusal_row *oldest = refusals->rows;
    for (size_t i = 0; i < ROWS; i++) {
        struct refusal_row *row = &refusals->rows[i];
        if (row->status == status && strncmp(row->client, client, CLIENT_SIZE - 1) == 0) {
            return row;
        }
        // A free row has the time 0, so it is the oldest and is taken first.
        oldest = row->until_s < oldest->until_s ? row : oldest;
    }
    write_row(refusals, oldest);
    *oldest = (struct refusal_row){.status = status};
    snprintf(oldest->client, sizeof oldest->client, "%s", client);
    return oldest;
}

void refusal_log_add(struct refusal_log *refusals, const char *client, enum status status,
                     const char *detail) {
    if (!refusals) {
        return;
    }
    int64_t now = now_s();
    pthread_mutex_lock(&refusals->lock);
    struct refusal_row *row = find_row(refusals, client, status);
    row->count++;
    if (!row->detail[0] || now >= row->until_s) {
        snprintf(row->detail, sizeof row->detail, "%s", detail);
    }
    if (now >= row->until_s) {
        write_row(refusals, row);
        row->until_s = now + PERIOD_S;
    }
    pthread_mutex_unlock(&refusals->lock);
}

void refusal_log_flush(struct refusal_log *refusals) {
    if (!refusals) {
        return;
    }
    int64_t now = now_s();
    pthread_mutex_lock(&refusals->lock);
    for (size_t i = 0; i < ROWS; i++) {
        struct refusal_row *row = &refusals->rows[i];
        if (row->client[0] && now >= row->until_s) {
            write_row(refusals, row);
            *row = (struct refusal_row){0};
        }
    }
    pthread_mutex_unlock(&refusals->lock);
}
