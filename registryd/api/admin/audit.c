// SPDX-License-Identifier: MIT
// Audit events by number, and the verification of their chain. A program that keeps a copy asks for the events after
// the last one it has; the hash of each event covers the one before, so a copy can be checked without us.
// Reading the log writes nothing, so a program may ask again after a lost answer and gets the same
// events.
#include "registryd/api/admin/handlers.h"

#include "registryd/request/query.h"
#include "registryd/store/store_audit.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

static const struct query_range after_range = {.name = "after", .max = INT64_MAX - 1};
static const struct query_range limit_range = {"limit", 1, 1000, 100};

// The store keeps `detail` as JSON text that was written by us. It is parsed once more here, so
// that the reply holds an object and not a string with JSON in it.
static json_t *encode_event(const struct audit_event *event) {
    // clang-format off
    return json_pack("{s:I,s:o,s:o,s:o,s:o,s:o,s:o}",
                     "id", (json_int_t)event->id,
                     "at", json_text(event->at),
                     "actor", json_text(event->actor),
                     "action", json_text(event->action),
                     "subject", json_text(event->subject),
                     "detail", json_loads(event->detail, JSON_DECODE_ANY, NULL),
                     "hash", json_text(event->hash));
    // clang-format on
}

static json_t *encode_events(const struct audit_events *events) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < events->count; i++) {
        if (json_array_append_new(array, encode_event(&events->items[i]))) {
            return NULL;
        }
    }
    return take(array);
}

enum status audit_list(struct api *api, const struct request *request, struct reply *reply,
                       struct findings *findings, struct error *err) {
    static const struct query_rule rules[] = {{.name = "after"}, {.name = "limit"}};
    (void)findings;
    int64_t after = 0;
    int64_t limit = 0;
    struct audit_events events;
    enum status status = query_begin(api, request, rules, COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    status = query_integer(request, &after_range, &after, err);
    if (status) {
        return status;
    }
    status = query_integer(request, &limit_range, &limit, err);
    if (status) {
        return status;
    }
    status = store_audit_load(api->store, request->arena, after, (int)limit, &events, err);
    if (status) {
        return status;
    }
    json_t *json = json_pack("{s:o,s:b}", "events", encode_events(&events), "more", events.more);
    return reply_json(request, reply, json, err);
}

// A broken chain is an answer and not a failure: 200 with "whole": false and the number of the
// first event that does not match. "head" is the hash of the last event; an operator who keeps it
// today can prove tomorrow that nothing before it was changed.
enum status audit_verify(struct api *api, const struct request *request, struct reply *reply,
                         struct findings *findings, struct error *err) {
    (void)findings;
    struct audit_verdict verdict;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = store_audit_verify(api->store, &verdict, err);
    if (status) {
        return status;
    }
    // clang-format off
    json_t *json = json_pack("{s:b,s:I,s:o,s:o}",
                             "whole", verdict.fault == 0,
                             "events", (json_int_t)verdict.checked,
                             "fault", verdict.fault ? json_integer(verdict.fault) : json_null(),
                             "head", json_text(verdict.head));
    // clang-format on
    return reply_json(request, reply, json, err);
}
