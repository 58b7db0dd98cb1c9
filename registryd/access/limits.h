// SPDX-License-Identifier: MIT
// How often: bounds per address and per token, each in memory of a fixed size. A key that has not been seen for long
// may be forgotten; then it begins anew. Any thread.
//
// Daemons of one database share the bounds. A key that uses little is counted here alone. One that uses more needs
// shares of the budget that all daemons have in common: they are leased in batches by a thread of the daemon
// (registryd/threads/limit_sharer.h), never by a request. Without the database each daemon counts for itself.
#pragma once

#include "schema/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct limits;

enum { // the same everywhere: no host that reports in its turn comes near
    REPORTS_PER_MINUTE = 1200,
    HOST_REPORTS_PER_MINUTE = 60,
    HOST_REPORT_KIB_PER_HOUR = 128 * 1024,
};

struct limit_settings { // 0 = without a bound
    bool is_shared;     // there may be other daemons
    int requests_per_second;
    int publishes_per_minute;
    int new_names_per_hour;
    int new_names_burst; // at once, after a pause
    int bad_tokens;      // in five minutes
};

// Each kind has a table of its own, so a client that spends one limit keeps the others.
enum limit {
    LIMIT_ON_REQUESTS,     // of an address
    LIMIT_ON_BAD_TOKENS,   // from an address
    LIMIT_ON_PUBLISHES,    // with a token
    LIMIT_ON_NEW_NAMES,    // with a token
    LIMIT_ON_REPORTS,      // with a token
    LIMIT_ON_HOST_REPORTS, // with a token, about one host
    LIMIT_ON_HOST_BYTES,   // the same in KiB
    LIMIT_ON_COUNT
};

// Owned. Fails with: NO_MEMORY, INTERNAL (no random source).
enum status limits_new(const struct limit_settings *settings, struct limits **ret_limits,
                       struct error *err);
void limits_free(struct limits *limits);

// What was given to limits_new. NULL limits: all 0.
struct limit_settings limits_settings(const struct limits *limits);

// The key of an address, of a token's number.
uint64_t limits_key_text(const struct limits *limits, const char *text);
uint64_t limits_key_number(const struct limits *limits, int64_t number);
// Of the two together.
uint64_t limits_key_pair(const struct limits *limits, int64_t number, const char *text);

// Counts one more and returns 0; or, when there are too many, counts nothing and returns the seconds
// until one more would do. NULL limits never refuse. `now_ns` is of the monotonic clock.
int limits_take(struct limits *limits, enum limit limit, uint64_t key, int64_t now_ns);

// The same for `count` at once: more than a full bucket never fits.
int limits_take_many(struct limits *limits, enum limit limit, uint64_t key, int64_t count,
                     int64_t now_ns);

// The same without counting.
int limits_peek(struct limits *limits, enum limit limit, uint64_t key, int64_t now_ns);

// ---- shares of the common budgets ----

// What a key has used here beyond its shares, and how many more it wants. The times describe the bucket that all
// daemons have in common: what one is worth, and what a full one is worth.
struct limit_ask {
    enum limit limit;
    uint64_t key;
    int64_t spent;
    int64_t wanted;
    int64_t each_us;
    int64_t burst_us;
};

// Waits until a key wants shares, at most `timeout_ms`; takes up to `max` of them (0: only waits). What is taken counts
// as reported.
size_t limits_take_asks(struct limits *limits, struct limit_ask *ret_asks, size_t max,
                        int timeout_ms);

// The answer to an ask: shares for the key, or none for so long. A negative number: there was no answer, and what was
// spent is to be reported again.
struct limit_grant {
    int64_t granted;
    int64_t wait_us;
};
void limits_grant(struct limits *limits, const struct limit_ask *ask,
                  const struct limit_grant *grant, int64_t now_ns);

// Whether shares are needed: only while the database answers. `seed` makes the keys the same at all daemons; the
// buckets begin anew when it is another one.
void limits_share(struct limits *limits, bool is_sharing, uint64_t seed);
uint64_t limits_seed(const struct limits *limits);
// As the last call of limits_share said.
bool limits_is_sharing(const struct limits *limits);

// Wakes limits_take_asks: the daemon stops.
void limits_wake(struct limits *limits);

// Of the monotonic clock; exact to a few milliseconds, and cheap.
int64_t limits_now_ns(void);
