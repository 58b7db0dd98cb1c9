// SPDX-License-Identifier: MIT
// Waiting as a registry asks for: a rate limit says in Retry-After when the next request would do. For requests that
// may be repeated.
#pragma once

#include "client/remote/connection.h"

// Waiting for a rate limit: how long, and whom to inform. `tell` is called at the beginning and then once a second.
struct patience {
    void (*tell)(void *context, int left_s, int total_s);
    void *context;
    int max_total_s; // rate limits alone, and together no longer for one request; 0: as long as it takes
};

// Waits, and tells. False when the connection was stopped or cancelled meanwhile.
bool patience_wait(const struct patience *patience, const struct connection *connection,
                   int seconds);
