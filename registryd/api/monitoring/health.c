// SPDX-License-Identifier: MIT
// Liveness asks nothing of anybody; readiness asks everything that an answer may need. Neither takes
// parameters or is kept by a cache.
#include "registryd/api/monitoring/health.h"

#include "registryd/store/store_search.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

enum status health_live(struct api *api, const struct request *request, struct reply *reply,
                        struct findings *findings, struct error *err) {
    (void)api;
    (void)findings;
    enum status status = reply_json(request, reply, json_pack("{s:s}", "status", "ok"), err);
    reply->etag = NULL;
    reply->cache_control = "no-store";
    return status;
}

static json_t *find_reasons(struct api *api) {
    const struct {
        bool applies;
        const char *text;
    } reasons[] = {
        {atomic_load(&api->draining), "The daemon is shutting down"},
        {!atomic_load(&api->ready), "The daemon is starting"},
        {store_ping(api->store, NULL) != STATUS_OK, "The database is out of reach"},
        {!index_is_following(api->index), "The feed of changes is not being followed"},
    };
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < COUNT_OF(reasons); i++) {
        if (reasons[i].applies && json_array_append_new(array, json_string(reasons[i].text))) {
            return NULL;
        }
    }
    return take(array);
}

// What an operator should look at, though answers are right: search lags, or lacks a package. Being behind by
// a few changes is usual just after a publish, and no reason to take the daemon out of service.
static json_t *make_search(struct api *api) {
    struct history_point point;
    struct search_state state;
    index_point(api->index, &point);
    store_search_state(api->store, &state);
    return json_pack("{s:I,s:I}", "behind", (json_int_t)store_search_lag(api->store, point.serial),
                     "problems", (json_int_t)state.problems);
}

enum status health_ready(struct api *api, const struct request *request, struct reply *reply,
                         struct findings *findings, struct error *err) {
    (void)findings;
    json_t *reasons = find_reasons(api);
    bool is_ready = reasons && json_array_size(reasons) == 0;
    json_t *json = json_pack("{s:b,s:o,s:o}", "ready", is_ready, "reasons", reasons, "search",
                             make_search(api));
    enum status status = reply_json(request, reply, json, err);
    if (!status) {
        reply->http_status = is_ready ? 200 : 503;
        reply->etag = NULL;
        reply->cache_control = "no-store";
    }
    return status;
}
