// SPDX-License-Identifier: MIT
// When the index does not have the change in time, it is made all the same; the answer's serial lets a
// client insist with min_serial.
#include "registryd/request/change_reply.h"

#include "schema/json/json.h"

enum { OWN_WRITE_WAIT_MS = 2000 };

enum status change_reply(struct api *api, const struct request *request, struct reply *reply,
                         const struct lifecycle_outcome *outcome, json_t *json, struct error *err) {
    scoped(cleanup_json) json_t *answer = json;
    const struct history_point *point = &outcome->point;
    char *epoch = arena_strdup(request->arena, point->epoch);
    index_wait_own(api->index, point, OWN_WRITE_WAIT_MS);
    if (!epoch || !answer ||
        json_object_set_new(answer, "serial", json_integer((json_int_t)point->serial)) ||
        json_object_set_new(answer, "epoch", json_string(epoch)) ||
        json_object_set_new(answer, "epoch_number",
                            json_integer((json_int_t)point->epoch_number)) ||
        json_object_set_new(answer, "changed", json_boolean(outcome->changed))) {
        return fail_no_memory(err);
    }
    reply->serial = point->serial;
    reply->epoch = epoch;
    reply->epoch_number = point->epoch_number;
    return reply_json(request, reply, take(answer), err);
}
