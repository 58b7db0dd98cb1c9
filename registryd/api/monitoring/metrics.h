// SPDX-License-Identifier: MIT
// What is counted of requests: how many by route and status, how long they took. Counting is a few
// relaxed additions on numbers that the thread shares with few others; reading adds them up. Any thread.
#pragma once

#include "registryd/request/api.h"

struct metrics;

struct metrics_route {
    const char *method;
    const char *pattern;
};

// `routes` and their texts are borrowed. Owned; NULL when out of memory.
struct metrics *metrics_new(const struct metrics_route *routes, size_t count);
void metrics_free(struct metrics *metrics);

enum { METRICS_NO_ROUTE = -1 }; // an address that is none

// Counts one answer. NULL counts nothing.
void metrics_count(struct metrics *metrics, int route, int http_status, int64_t took_ns);

// Appends all counts in the text form of Prometheus. A failure shows in text->failed.
void metrics_write(const struct metrics *metrics, struct buffer *text);
