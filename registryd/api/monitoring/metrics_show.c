// SPDX-License-Identifier: MIT
// GET /metrics: what the counters say, and how the parts of the daemon are at this moment. Holds no
// name of anybody and of nothing published.
#include "registryd/api/monitoring/metrics.h"

#include "registryd/request/query.h"
#include "registryd/store/store_search.h"
#include "schema/base/list.h"

#include <inttypes.h>

enum { PAGE_BYTES_MAX = 4 * 1024 * 1024 };

struct gauge {
    const char *name;
    const char *help;
    int64_t value;
    bool is_counter;
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
    index_stats(api->index, &index);
    store_stats(api->store, &store);
    store_search_state(api->store, &search);
    const struct gauge gauges[] = {
        {"registryd_ready", "1 when migrations are done and the feed was started.",
         atomic_load(&api->ready), false},
        {"registryd_serial", "The change that this daemon has applied last.", index.point.serial,
         false},
        {"registryd_feed_following", "1 when changes are followed as they come.",
         index.is_following, false},
        {"registryd_feed_lag_milliseconds", "Since this daemon last knew of every change.",
         index.lag_ms, false},
        {"registryd_index_groups", "Groups in memory.", (int64_t)index.groups, false},
        {"registryd_cache_bytes", "Finished answers in memory.", (int64_t)index.cache_bytes, false},
        {"registryd_cache_hits_total", "Answers found finished.", (int64_t)index.cache_hits, true},
        {"registryd_cache_misses_total", "Answers made.", (int64_t)index.cache_misses, true},
        {"registryd_search_behind_changes", "Changes that search has not followed yet.",
         store_search_lag(api->store, index.point.serial), false},
        {"registryd_search_problems", "Packages that search could not index.", search.problems,
         false},
        {"registryd_store_connections", "Connections to the database that are open.", store.open,
         false},
        {"registryd_store_connections_lent", "Of these, in use.", store.lent, false},
        {"registryd_store_connections_max", "As many as there may be.", store.size, false},
        {"registryd_store_reachable", "1 when the last attempt to connect succeeded.",
         store.is_reachable, false},
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
