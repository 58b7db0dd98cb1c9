// SPDX-License-Identifier: MIT
// What this daemon is (GET /v1), and whether it can serve (/healthz, /readyz). Health says only that the process
// answers, so that a supervisor does not restart a daemon whose database is away: it still serves from memory.
// Readiness is for load balancers: it fails while starting, before stopping, and without database or feed.
#include "registryd/api/monitoring/handlers.h"

#include "registryd/access/limits.h"
#include "registryd/request/query.h"
#include "schema/json/json.h"
#include "schema/base/list.h"
#include "registryd/store/store_search.h"

struct service_link {
    const char *name;
    const char *address; // a path of this server
};

static const struct service_link links[] = {
    {.name = "groups", .address = "/v1/groups"},
    {.name = "resolve", .address = "/v1/resolve"},
    {.name = "packages", .address = "/v1/packages"},
    {.name = "check", .address = "/v1/check"},
    {.name = "changes", .address = "/v1/changes"},
    {.name = "environments", .address = "/v1/environments"},
    {.name = "reports", .address = "/v1/reports"},
    {.name = "transition", .address = "/v1/transition"},
    {.name = "openapi", .address = "/openapi.json"},
    {.name = "health", .address = "/healthz"},
    {.name = "ready", .address = "/readyz"},
};

static json_t *encode_links(void) {
    scoped(cleanup_json) json_t *object = json_object();
    for (size_t i = 0; object && i < COUNT_OF(links); i++) {
        if (json_object_set_new(object, links[i].name, json_string(links[i].address))) {
            return NULL;
        }
    }
    return take(object);
}

// 0 is "unlimited" in the settings.
static json_t *limit_number(int limit) {
    return limit ? json_integer(limit) : json_null();
}

static json_t *encode_limits(const struct api *api) {
    struct limit_settings limits = limits_settings(api->limits);
    // clang-format off
    return json_pack("{s:I,s:o,s:o,s:o,s:o,s:o}",
                     "upload_bytes", (json_int_t)api->max_artifact_bytes,
                     "requests_per_second", limit_number(limits.requests_per_second),
                     "publishes_per_minute", limit_number(limits.publishes_per_minute),
                     "new_packages_per_hour", limit_number(limits.new_names_per_hour),
                     "new_packages_at_once", limit_number(limits.new_names_burst),
                     "release_open_days", limit_number(api->release_open_days));
    // clang-format on
}

enum status service_show(struct api *api, const struct request *request, struct reply *reply,
                         struct findings *findings, struct error *err) {
    (void)findings;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    struct history_point point;
    index_point(api->index, &point);
    // clang-format off
    json_t *json = json_pack("{s:s,s:s,s:o,s:I,s:I,s:s,s:o,s:o}",
                             "name", "registryd",
                             "version", REGISTRYD_VERSION,
                             "epoch", json_text(point.epoch[0] ? point.epoch : NULL),
                             "epoch_number", (json_int_t)point.epoch_number,
                             "serial", (json_int_t)point.serial,
                             "reading", api->is_reading_closed ? "closed" : "open",
                             "limits", encode_limits(api),
                             "links", encode_links());
    // clang-format on
    return reply_json(request, reply, json, err);
}

// ---- health ----

// Liveness asks nothing of anybody; readiness asks everything that an answer may need. Neither takes
// parameters or is kept by a cache.

enum status health_live(struct api *api, const struct request *request, struct reply *reply,
                        struct findings *findings, struct error *err) {
    (void)api;
    (void)findings;
    enum status status = reply_json(request, reply, json_pack("{s:s}", "status", "ok"), err);
    reply->etag = NULL;
    reply->cache_control = "no-store";
    return status;
}

// All reasons that apply, not the first: an operator sees at once that the database is away and the
// feed therefore, too.
static json_t *find_reasons(struct api *api) {
    const struct {
        bool applies;
        const char *text;
    } reasons[] = {
        {atomic_load(&api->leaving), "The daemon is shutting down"},
        {!atomic_load(&api->ready), "The daemon is starting"},
        {store_ping(api->store, NULL) != STATUS_OK, "The database is unreachable"},
        {!index_is_following(api->index), "The change feed is interrupted"},
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

// null without --read-database-url. A standby that is away makes no daemon unready: the primary answers.
static json_t *make_standby(struct api *api) {
    struct standby_stats stats;
    store_standby_stats(api->store, &stats);
    return stats.state == STANDBY_NONE
               ? json_null()
               : json_pack("{s:s,s:I}", "state", standby_state_name(stats.state), "behind",
                           (json_int_t)stats.behind);
}

enum status health_ready(struct api *api, const struct request *request, struct reply *reply,
                         struct findings *findings, struct error *err) {
    (void)findings;
    json_t *reasons = find_reasons(api);
    bool is_ready = reasons && json_array_size(reasons) == 0;
    json_t *json = json_pack("{s:b,s:o,s:o,s:o}", "ready", is_ready, "reasons", reasons, "search",
                             make_search(api), "standby", make_standby(api));
    enum status status = reply_json(request, reply, json, err);
    if (status) {
        return status;
    }
    // Set after reply_json: the body is the same kind of document in both cases.
    reply->http_status = is_ready ? 200 : 503;
    reply->etag = NULL;
    reply->cache_control = "no-store";
    return STATUS_OK;
}
