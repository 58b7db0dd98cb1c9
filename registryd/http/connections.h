// SPDX-License-Identifier: MIT
// How many connections each address has open, so that one client cannot take every thread. A list
// of the addresses that are connected now, under a lock taken twice per connection, never per
// request.
#pragma once

#include "schema/base/status.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct connections {
    pthread_mutex_t lock;
    struct connections_row *rows; // owned
    size_t count;                 // addresses connected now
    int per_address;              // 0 = no bound, nothing is counted
};

// `total` is the most connections there can be at once. Fails with: NO_MEMORY.
enum status connections_init(struct connections *connections, int total, int per_address);
void connections_done(struct connections *connections);

// Counts one more; false, and not counted, when the address has its share already.
bool connections_begin(struct connections *connections, const char *address);

// Counts one less, of an address that was counted.
void connections_end(struct connections *connections, const char *address);
