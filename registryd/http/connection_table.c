// SPDX-License-Identifier: MIT
// Two structures over arrays that never move: lists that are linked by descriptor, and a hash table of
// addresses whose chains are linked by row. Everything is a few steps, whatever the number of connections.
#include "registryd/http/connection_table.h"

#include <stdlib.h>

bool connection_table_init(struct connection_table *table, size_t size,
                           const int waits_ms[LIST_COUNT]) {
    *table = (struct connection_table){.size = size};
    table->connections = calloc(size, sizeof *table->connections);
    table->clients = calloc(size, sizeof *table->clients);
    table->buckets = calloc(size, sizeof *table->buckets);
    for (int i = 0; i < LIST_COUNT; i++) {
        table->lists[i] = (struct list){NOTHING, NOTHING, waits_ms[i]};
    }
    if (!table->connections || !table->clients || !table->buckets) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        table->buckets[i] = NOTHING;
        table->clients[i].next = i + 1 < size ? (int)i + 1 : NOTHING;
    }
    return true;
}

void connection_table_done(struct connection_table *table) {
    free(table->connections);
    free(table->clients);
    free(table->buckets);
}

// ---- lists ----

// The number of connections over their address's share is kept with the list, so both change here and in
// connection_move and nowhere else.
void connection_unlink(struct connection_table *table, int fd) {
    struct connection *connection = &table->connections[fd];
    struct list *list = &table->lists[connection->list];
    if (connection->list == LIST_NONE) {
        return;
    }
    if (connection->previous == NOTHING) {
        list->first = connection->next;
    } else {
        table->connections[connection->previous].next = connection->next;
    }
    if (connection->next == NOTHING) {
        list->last = connection->previous;
    } else {
        table->connections[connection->next].previous = connection->previous;
    }
    if (connection->list == LIST_OVER && connection->ticket.client != NOTHING) {
        table->clients[connection->ticket.client].over--;
    }
    connection->list = LIST_NONE;
    table->waiting--;
}

void connection_move(struct connection_table *table, int fd, enum list_name name, int64_t now_ms) {
    struct connection *connection = &table->connections[fd];
    struct list *list = &table->lists[name];
    connection_unlink(table, fd);
    connection->list = name;
    connection->deadline_ms = now_ms + list->wait_ms;
    connection->previous = list->last;
    connection->next = NOTHING;
    if (list->last == NOTHING) {
        list->first = fd;
    } else {
        table->connections[list->last].next = fd;
    }
    list->last = fd;
    table->waiting++;
    if (name == LIST_OVER) {
        table->clients[connection->ticket.client].over++;
    }
}

int connection_count(const struct connection_table *table, enum list_name first) {
    int count = 0;
    for (enum list_name name = first; name < LIST_COUNT; name++) {
        for (int fd = table->lists[name].first; fd != NOTHING; fd = table->connections[fd].next) {
            count++;
        }
    }
    return count;
}

// ---- addresses ----

// Multiplication by a prime near 2^32 over the golden ratio spreads neighbouring addresses (Knuth).
static int *bucket_of(struct connection_table *table, uint32_t address) {
    return &table->buckets[(address * 2654435761u >> 7) % table->size];
}

// The row of the address, made when there is none. There are at least as many rows as connections.
int client_take(struct connection_table *table, uint32_t address) {
    int *bucket = bucket_of(table, address);
    for (int at = *bucket; at != NOTHING; at = table->clients[at].next) {
        if (table->clients[at].address == address) {
            return at;
        }
    }
    int at = table->free_client;
    if (at != NOTHING) {
        table->free_client = table->clients[at].next;
        table->clients[at] = (struct client){.address = address, .next = *bucket};
        *bucket = at;
    }
    return at;
}

// The row goes back to the free ones with the last connection, so an address that was here once costs nothing.
void client_leave(struct connection_table *table, int at) {
    if (at == NOTHING || --table->clients[at].open > 0) {
        return;
    }
    int *link = bucket_of(table, table->clients[at].address);
    while (*link != at) {
        link = &table->clients[*link].next;
    }
    *link = table->clients[at].next;
    table->clients[at].next = table->free_client;
    table->free_client = at;
}
