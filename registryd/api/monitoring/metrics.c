// SPDX-License-Identifier: MIT
// Counters stand in shards; a thread keeps to one, so that threads on different processors seldom write
// the same line of memory.
#include "registryd/api/monitoring/metrics.h"

#include "schema/base/list.h"
#include "registryd/api/monitoring/handlers.h"
#include "registryd/request/query.h"
#include "registryd/store/store_search.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { SHARDS = 16 };

// Every status that a route answers with has a counter of its own; the rest share the last one,
// which is shown as status="0". A status must be added here to be told apart.
static const int statuses[] = {200, 201, 202, 204, 206, 304, 400, 401, 403, 404, 405, 408, 409,
                               411, 412, 413, 415, 416, 417, 422, 429, 431, 500, 501, 503, 507};
enum { STATUS_COUNT_KNOWN = COUNT_OF(statuses), OTHER_STATUS };

static const struct {
    int64_t ns;
    const char *seconds;
} bounds[] = {
    {50000, "0.00005"},  {100000, "0.0001"},  {250000, "0.00025"}, {500000, "0.0005"},
    {1000000, "0.001"},  {2500000, "0.0025"}, {5000000, "0.005"},  {10000000, "0.01"},
    {25000000, "0.025"}, {50000000, "0.05"},  {100000000, "0.1"},  {500000000, "0.5"},
    {1000000000, "1"},   {5000000000, "5"},   {30000000000, "30"},
};
enum { BOUND_COUNT = COUNT_OF(bounds) };

//
//     counts: | shard 0: route 0, route 1, ..., no route | shard 1: route 0, ... | ... |
//
struct counts {
    atomic_uint_fast64_t by_status[STATUS_COUNT_KNOWN + 1]; // answers, by status code
    atomic_uint_fast64_t by_time[BOUND_COUNT + 1];          // answers, by how long they took
    atomic_uint_fast64_t time_ns;                           // of all of them
};

struct metrics {
    const struct metrics_route *routes;
    size_t route_count;
    struct counts *counts; // by shard, then by route, the last of them for no route
    atomic_uint threads;
};

struct metrics *metrics_new(const struct metrics_route *routes, size_t count) {
    struct metrics *metrics = calloc(1, sizeof *metrics);
    if (!metrics) {
        return NULL;
    }
    metrics->routes = routes;
    metrics->route_count = count;
    metrics->counts = calloc(SHARDS * (count + 1), sizeof *metrics->counts);
    if (!metrics->counts) {
        free(metrics);
        return NULL;
    }
    return metrics;
}

void metrics_free(struct metrics *metrics) {
    if (metrics) {
        free(metrics->counts);
        free(metrics);
    }
}

// ---- counting ----

// Chosen once for each thread, in turn. With more than 16 threads some share a shard; the counters
// are atomic all the same.
static size_t find_shard(struct metrics *metrics) {
    static _Thread_local unsigned shard; // 0 = not chosen yet
    if (!shard) {
        shard = atomic_fetch_add_explicit(&metrics->threads, 1, memory_order_relaxed) % SHARDS + 1;
    }
    return shard - 1;
}

static size_t find_status(int http_status) {
    size_t at = 0;
    while (at < STATUS_COUNT_KNOWN && statuses[at] != http_status) {
        at++;
    }
    return at;
}

static size_t find_bound(int64_t took_ns) {
    size_t at = 0;
    while (at < BOUND_COUNT && took_ns > bounds[at].ns) {
        at++;
    }
    return at;
}

// Relaxed: the numbers say nothing about other memory, and a scrape may be a moment behind.
static void add(atomic_uint_fast64_t *number, uint64_t more) {
    atomic_fetch_add_explicit(number, more, memory_order_relaxed);
}

void metrics_count(struct metrics *metrics, int route, int http_status, int64_t took_ns) {
    if (!metrics) {
        return;
    }
    size_t row = route < 0 ? metrics->route_count : (size_t)route;
    struct counts *counts =
        &metrics->counts[find_shard(metrics) * (metrics->route_count + 1) + row];
    add(&counts->by_status[find_status(http_status)], 1);
    add(&counts->by_time[find_bound(took_ns)], 1);
    add(&counts->time_ns, took_ns > 0 ? (uint64_t)took_ns : 0);
}

// The page is made by adding the shards. It may see one counter of a request and not yet the other,
// which a scraper does not notice.
// ---- telling ----

static uint64_t sum(const struct metrics *metrics, size_t row, size_t offset) {
    uint64_t total = 0;
    for (size_t shard = 0; shard < SHARDS; shard++) {
        const struct counts *counts = &metrics->counts[shard * (metrics->route_count + 1) + row];
        const atomic_uint_fast64_t *number =
            (const atomic_uint_fast64_t *)((const char *)counts + offset);
        total += atomic_load_explicit(number, memory_order_relaxed);
    }
    return total;
}

static struct metrics_route route_at(const struct metrics *metrics, size_t row) {
    return row < metrics->route_count ? metrics->routes[row] : (struct metrics_route){"-", "none"};
}

static void write_statuses(const struct metrics *metrics, size_t row, struct buffer *text) {
    struct metrics_route route = route_at(metrics, row);
    for (size_t i = 0; i <= STATUS_COUNT_KNOWN; i++) {
        uint64_t count = sum(metrics, row,
                             offsetof(struct counts, by_status) + i * sizeof(atomic_uint_fast64_t));
        // Routes times statuses would be thousands of lines of zeros.
        if (count) {
            buffer_printf(text,
                          "registryd_requests_total{method=\"%s\",route=\"%s\",status=\"%d\"} "
                          "%" PRIu64 "\n",
                          route.method, route.pattern, i < STATUS_COUNT_KNOWN ? statuses[i] : 0,
                          count);
        }
    }
}

static void write_times(const struct metrics *metrics, size_t row, struct buffer *text) {
    struct metrics_route route = route_at(metrics, row);
    uint64_t numbers[BOUND_COUNT + 1];
    uint64_t total = 0;
    for (size_t i = 0; i <= BOUND_COUNT; i++) {
        total +=
            sum(metrics, row, offsetof(struct counts, by_time) + i * sizeof(atomic_uint_fast64_t));
        // Prometheus wants cumulative buckets; counting keeps one bucket a request, so that it is
        // one addition.
        numbers[i] = total;
    }
    if (!total) {
        return;
    }
    for (size_t i = 0; i <= BOUND_COUNT; i++) {
        buffer_printf(text,
                      "registryd_request_seconds_bucket{method=\"%s\",route=\"%s\",le=\"%s\"} "
                      "%" PRIu64 "\n",
                      route.method, route.pattern, i < BOUND_COUNT ? bounds[i].seconds : "+Inf",
                      numbers[i]);
    }
    uint64_t ns = sum(metrics, row, offsetof(struct counts, time_ns));
    buffer_printf(text,
                  "registryd_request_seconds_sum{method=\"%s\",route=\"%s\"} %" PRIu64 ".%09" PRIu64
                  "\n",
                  route.method, route.pattern, ns / 1000000000, ns % 1000000000);
    buffer_printf(text, "registryd_request_seconds_count{method=\"%s\",route=\"%s\"} %" PRIu64 "\n",
                  route.method, route.pattern, total);
}

void metrics_write(const struct metrics *metrics, struct buffer *text) {
    buffer_add_string(text, "# HELP registryd_requests_total Requests answered.\n"
                            "# TYPE registryd_requests_total counter\n");
    for (size_t row = 0; row <= metrics->route_count; row++) {
        write_statuses(metrics, row, text);
    }
    buffer_add_string(text, "# HELP registryd_request_seconds Time from the first byte of the "
                            "headers to the last byte of the answer.\n"
                            "# TYPE registryd_request_seconds histogram\n");
    for (size_t row = 0; row <= metrics->route_count; row++) {
        write_times(metrics, row, text);
    }
}

// ---- GET /metrics ----

// GET /metrics: what the counters say, and how the parts of the daemon are at this moment. Holds no
// name of anybody and of nothing published.

enum { PAGE_BYTES_MAX = 4 * 1024 * 1024 };

struct gauge {
    const char *name; // without the prefix
    const char *help; // for the HELP line
    int64_t value;
    bool is_counter; // it only grows
};

static void write_gauges(const struct gauge *gauges, size_t count, struct buffer *text) {
    for (size_t i = 0; i < count; i++) {
        buffer_printf(text, "# HELP %s %s\n# TYPE %s %s\n%s %" PRId64 "\n", gauges[i].name,
                      gauges[i].help, gauges[i].name, gauges[i].is_counter ? "counter" : "gauge",
                      gauges[i].name, gauges[i].value);
    }
}

static void write_parts(struct api *api, struct buffer *text) {
    struct index_stats index;
    struct store_stats store;
    struct search_state search;
    struct standby_stats standby;
    struct object_stats objects;
    index_stats(api->index, &index);
    store_stats(api->store, &store);
    store_search_state(api->store, &search);
    store_standby_stats(api->store, &standby);
    store_object_stats(api->store, &objects);
    // Taken while the page is written: nothing has to be kept up to date between two scrapes.
    const struct gauge gauges[] = {
        {"registryd_ready", "1 when migrations are done and the change feed was started.",
         atomic_load(&api->ready), false},
        {"registryd_serial", "The latest change that this daemon has applied.", index.point.serial,
         false},
        {"registryd_feed_following", "1 when the change feed is running.", index.is_following,
         false},
        {"registryd_feed_lag_milliseconds", "Time since this daemon had applied every change.",
         index.lag_ms, false},
        {"registryd_index_groups", "Groups in memory.", (int64_t)index.groups, false},
        {"registryd_cache_bytes", "Bytes of cached answers.", (int64_t)index.cache_bytes, false},
        {"registryd_cache_hits_total", "Answers served from the cache.", (int64_t)index.cache_hits,
         true},
        {"registryd_cache_misses_total", "Answers computed.", (int64_t)index.cache_misses, true},
        {"registryd_search_behind_changes", "Changes that search has not followed yet.",
         store_search_lag(api->store, index.point.serial), false},
        {"registryd_search_problems", "Packages that search could not index.", search.problems,
         false},
        {"registryd_store_connections", "Open database connections.", store.open, false},
        {"registryd_store_connections_lent", "Database connections in use.", store.lent, false},
        {"registryd_store_connections_max", "Maximum number of database connections.", store.size,
         false},
        {"registryd_store_reachable", "1 when the last attempt to connect succeeded.",
         store.is_reachable, false},
        {"registryd_standby_in_use", "1 when reads go to the standby.",
         standby.state == STANDBY_USED, false},
        {"registryd_standby_behind_changes",
         "Changes that the standby lacked when it was last looked at.", standby.behind, false},
        {"registryd_standby_reads_total", "Reads that began on the standby.",
         (int64_t)standby.reads, true},
        {"registryd_standby_fallbacks_total",
         "Reads that failed on the standby and were repeated on the primary.",
         (int64_t)standby.fallbacks, true},
        {"registryd_objects_requests_total", "Requests to the object store.", objects.calls, true},
        {"registryd_objects_failures_total", "Requests to the object store that failed.",
         objects.failures, true},
    };
    write_gauges(gauges, COUNT_OF(gauges), text);
}

enum status metrics_show(struct api *api, const struct request *request, struct reply *reply,
                         struct findings *findings, struct error *err) {
    (void)findings;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    struct buffer text;
    buffer_init(&text, PAGE_BYTES_MAX);
    if (api->metrics) {
        metrics_write(api->metrics, &text);
    }
    write_parts(api, &text);
    char *body = text.failed ? NULL : arena_copy(request->arena, text.ptr, text.len);
    reply->body = (struct text){body, text.len};
    reply->content_type = "text/plain; version=0.0.4; charset=utf-8";
    buffer_done(&text);
    return body ? STATUS_OK : fail_no_memory(err);
}
