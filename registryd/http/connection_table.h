// SPDX-License-Identifier: MIT
// The connections that wait, and the addresses they come from. Every connection is a row, indexed by its
// descriptor, and a member of one list: what it waits for. All members of a list have the same time to
// wait, so each list is in the order of its deadlines. Not locked: the acceptor calls it under its lock.
#pragma once

#include "registryd/http/head/head_peek.h"

#include <netinet/in.h>
#include <stdint.h>

enum { NOTHING = -1 };

// A connection on its way between the acceptor and a worker.
struct acceptor_ticket {
    struct sockaddr_in peer; // the address at the other end
    int client;              // its row among the addresses; NOTHING = not counted
    bool is_expired;         // what has not arrived by now will not be waited for
};

enum list_name {
    LIST_NONE,  // with a worker, or closed
    LIST_FRESH, // for the first head
    LIST_OVER,  // likewise, but the address has more than its share of connections
    LIST_IDLE,  // for the next head
    LIST_BODY,  // for a small body: the head is complete
    LIST_READY, // for a worker; one list a kind
    LIST_COUNT = LIST_READY + HEAD_KIND_COUNT
};

// Members are linked by their descriptors, which are the indexes of their rows. No memory is needed
// to move one.
struct list {
    int first;   // descriptors; NOTHING = empty
    int last;    // where a connection is put
    int wait_ms; // of every member
};

struct connection {
    struct acceptor_ticket ticket;
    int64_t deadline_ms; // when its list gives it up
    size_t seen_bytes;   // of the head, when it was last looked at
    size_t whole_bytes;  // head and small body together, once the head is complete
    int previous;        // descriptor in the same list
    int next;            // descriptor in the same list
    enum list_name list; // what it waits for
    enum head_kind kind; // of the head, as far as it was looked at
    bool is_watched;     // by epoll
};

// An address that has connections, those with a worker included.
struct client {
    uint32_t address; // IPv4
    int open;         // connections, those with a worker included
    int over;
    int served;
    int next; // in its bucket, or among the free ones
};

struct connection_table {
    size_t size;                    // of the three arrays; at most so many descriptors
    struct connection *connections; // by descriptor
    struct client *clients;         // by address, through the buckets
    int *buckets;                   // of the addresses
    int free_client;                // the first free row
    struct list lists[LIST_COUNT];  // by what their members wait for
    int waiting;                    // connections in lists
};

// `waits_ms`: how long a member of each list waits. False when out of memory; done is needed all the same.
bool connection_table_init(struct connection_table *table, size_t size,
                           const int waits_ms[LIST_COUNT]);
void connection_table_done(struct connection_table *table);

// Takes a connection out of its list, if it is in one.
void connection_unlink(struct connection_table *table, int fd);

// Puts it at the end of a list, out of the one it is in.
void connection_move(struct connection_table *table, int fd, enum list_name name, int64_t now_ms);

// How many connections are in this list and those behind it.
int connection_count(const struct connection_table *table, enum list_name first);

// The row of the address, made when there is none; it stays while `open` of it is above 0. NOTHING when
// there are more addresses than descriptors.
int client_take(struct connection_table *table, uint32_t address);

// One open connection less. NOTHING is fine.
void client_leave(struct connection_table *table, int client);
