// SPDX-License-Identifier: MIT
// There are never more rows than connections, so the room is taken once, at the start.
#include "registryd/http/connections.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ADDRESS_SIZE = 48 };

struct connections_row {
    char address[ADDRESS_SIZE];
    int open;
};

enum status connections_init(struct connections *connections, int total, int per_address) {
    struct connections_row *rows = NULL;
    if (per_address > 0 && !(rows = calloc((size_t)total, sizeof *rows))) {
        return STATUS_NO_MEMORY;
    }
    *connections = (struct connections){.rows = rows, .per_address = per_address};
    pthread_mutex_init(&connections->lock, NULL);
    return STATUS_OK;
}

void connections_done(struct connections *connections) {
    pthread_mutex_destroy(&connections->lock);
    free(connections->rows);
}

static struct connections_row *find(struct connections *connections, const char *address) {
    for (size_t i = 0; i < connections->count; i++) {
        if (strcmp(connections->rows[i].address, address) == 0) {
            return &connections->rows[i];
        }
    }
    return NULL;
}

bool connections_begin(struct connections *connections, const char *address) {
    if (!connections->per_address) {
        return true;
    }
    pthread_mutex_lock(&connections->lock);
    struct connections_row *row = find(connections, address);
    if (!row) {
        row = &connections->rows[connections->count++];
        snprintf(row->address, sizeof row->address, "%s", address);
        row->open = 0;
    }
    bool has_room = row->open < connections->per_address;
    row->open += has_room;
    pthread_mutex_unlock(&connections->lock);
    return has_room;
}

void connections_end(struct connections *connections, const char *address) {
    if (!connections->per_address) {
        return;
    }
    pthread_mutex_lock(&connections->lock);
    struct connections_row *row = find(connections, address);
    if (row && --row->open == 0) {
        *row = connections->rows[--connections->count];
    }
    pthread_mutex_unlock(&connections->lock);
}
