// SPDX-License-Identifier: MIT
// The service document, from one table of links.
#include "registryd/api/monitoring/service.h"

#include "registryd/request/query.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

struct link {
    const char *name;
    const char *address;
};

static const struct link links[] = {
    {.name = "groups", .address = "/v1/groups"},
    {.name = "resolve", .address = "/v1/resolve"},
    {.name = "packages", .address = "/v1/packages"},
    {.name = "check", .address = "/v1/check"},
    {.name = "changes", .address = "/v1/changes"},
    {.name = "environments", .address = "/v1/environments"},
    {.name = "reports", .address = "/v1/reports"},
    {.name = "transition", .address = "/v1/transition"},
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
    json_t *json = json_pack("{s:s,s:s,s:o,s:I,s:o}",
                             "name", "registryd",
                             "version", REGISTRYD_VERSION,
                             "epoch", json_text(point.epoch[0] ? point.epoch : NULL),
                             "serial", (json_int_t)point.serial,
                             "links", encode_links());
    // clang-format on
    return reply_json(request, reply, json, err);
}
