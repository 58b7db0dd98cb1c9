// SPDX-License-Identifier: MIT
// Holds: new releases of a package, or of all packages in a group, are kept out of every answer while the existing
// ones stay. A hold is beside the status: a deprecated package can be held as well. Repeating one changes nothing.
#include "registryd/api/groups/handlers.h"

#include "registryd/api/groups/group_path.h"
#include "registryd/api/groups/hold_use_case.h"
#include "registryd/request/change_reply.h"
#include "registryd/request/document.h"
#include "registryd/request/query.h"
#include "schema/json/json.h"

static enum status read_package(struct api *api, const struct request *request,
                                struct hold_change *ret_change, struct error *err) {
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    *ret_change = (struct hold_change){.actor = request->actor};
    return document_package_path(request, STATUS_NOT_FOUND, &ret_change->name, err);
}

static enum status read_group(struct api *api, const struct request *request,
                              struct hold_change *ret_change, struct error *err) {
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    *ret_change = (struct hold_change){.is_group = true, .actor = request->actor};
    return group_path_read(request, &ret_change->name, err);
}

// A reason begins a hold, and NULL ends it. So all four handlers make the same change.
static enum status set(struct api *api, const struct request *request, struct reply *reply,
                       const struct hold_change *change, struct error *err) {
    struct lifecycle_outcome outcome;
    enum status status = hold_set(api, change, &outcome, err);
    if (status) {
        return status;
    }
    json_t *json = json_pack("{s:s,s:b,s:o}", change->is_group ? "group" : "package", change->name,
                             "held", change->reason != NULL, "reason", json_text(change->reason));
    return change_reply(api, request, reply, &outcome, json, err);
}

enum status holds_add_package(struct api *api, const struct request *request, struct reply *reply,
                              struct findings *findings, struct error *err) {
    struct hold_change change;
    enum status status = read_package(api, request, &change, err);
    if (status) {
        return status;
    }
    status = hold_read_body(request, findings, &change, err);
    return status ? status : set(api, request, reply, &change, err);
}

enum status holds_end_package(struct api *api, const struct request *request, struct reply *reply,
                              struct findings *findings, struct error *err) {
    (void)findings;
    struct hold_change change;
    enum status status = read_package(api, request, &change, err);
    return status ? status : set(api, request, reply, &change, err);
}

enum status holds_add_group(struct api *api, const struct request *request, struct reply *reply,
                            struct findings *findings, struct error *err) {
    struct hold_change change;
    enum status status = read_group(api, request, &change, err);
    if (status) {
        return status;
    }
    status = hold_read_body(request, findings, &change, err);
    return status ? status : set(api, request, reply, &change, err);
}

enum status holds_end_group(struct api *api, const struct request *request, struct reply *reply,
                            struct findings *findings, struct error *err) {
    (void)findings;
    struct hold_change change;
    enum status status = read_group(api, request, &change, err);
    return status ? status : set(api, request, reply, &change, err);
}

// ---- the list ----

static json_t *encode_hold(const struct hold *hold) {
    return json_pack("{s:s,s:s,s:s,s:s}", hold->is_group ? "group" : "package", hold->name,
                     "reason", hold->reason, "held_at", hold->held_at, "held_by", hold->held_by);
}

enum status holds_list(struct api *api, const struct request *request, struct reply *reply,
                       struct findings *findings, struct error *err) {
    (void)findings;
    struct hold_rows rows;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = store_holds_load(api->reading, request->arena, &rows, err);
    if (status) {
        return status;
    }
    scoped(cleanup_json) json_t *list = json_array();
    for (size_t i = 0; list && i < rows.count; i++) {
        if (json_array_append_new(list, encode_hold(&rows.items[i]))) {
            return fail_no_memory(err);
        }
    }
    return reply_json(request, reply, list ? json_pack("{s:O}", "holds", list) : NULL, err);
}
