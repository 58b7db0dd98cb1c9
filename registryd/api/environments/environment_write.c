// SPDX-License-Identifier: MIT
// The JSON face of environment_use_cases: PUT, PATCH and POST read a body and answer with the revision that is
// there now.
// The order of the guards is the order of their cost: parameters, names, media types and syntax are
// refused before the store is asked for anything.
#include "registryd/api/environments/environments.h"
#include "registryd/api/environments/handlers.h"

#include "registryd/api/environments/environment_use_cases.h"
#include "registryd/request/document.h"
#include "registryd/request/query.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"

enum status environments_reply_edited(const struct request *request, struct reply *reply,
                                      const struct environment_edited *edited, struct error *err) {
    return environments_reply_more(request, reply, edited, json_object(), err);
}

enum status environments_reply_more(const struct request *request, struct reply *reply,
                                    const struct environment_edited *edited, json_t *more,
                                    struct error *err) {
    scoped(cleanup_json) json_t *rest = more;
    const char *name = request_path(request, "environment");
    // clang-format off
    json_t *json = json_pack("{s:s,s:I,s:b,s:b,s:s,s:I,s:s,s:I}",
                             "environment", name,
                             "revision", (json_int_t)edited->revision,
                             "created", edited->created,
                             "changed", edited->changed,
                             "summary", edited->summary,
                             "serial", (json_int_t)edited->point.serial,
                             "epoch", edited->point.epoch,
                             "epoch_number", (json_int_t)edited->point.epoch_number);
    // clang-format on
    if (!json || !rest || json_object_update(json, rest)) {
        json_decref(json);
        return fail_no_memory(err);
    }
    enum status status = reply_json(request, reply, json, err);
    // Serial and epoch let a client read its own write from any daemon (min_serial); the entity tag
    // is the If-Match of its next change.
    reply->http_status = edited->created ? 201 : 200;
    reply->serial = edited->point.serial;
    reply->epoch = arena_strdup(request->arena, edited->point.epoch);
    reply->epoch_number = edited->point.epoch_number;
    reply->etag = environments_etag(request->arena, edited->revision);
    reply->location =
        edited->created ? arena_printf(request->arena, "/v1/environments/%s", name) : NULL;
    return !status && (!reply->epoch || !reply->etag) ? fail_no_memory(err) : status;
}

enum status environments_put(struct api *api, const struct request *request, struct reply *reply,
                             struct findings *findings, struct error *err) {
    scoped(cleanup_json) json_t *body = NULL;
    const struct edit_context call = {api, request, findings};
    struct environment_edited edited;
    const char *name = NULL;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = document_check_json(request, "An environment", err);
    if (status) {
        return status;
    }
    status = environments_path(request, STATUS_INVALID, &name, err);
    if (status) {
        return status;
    }
    status = json_parse(request->body, LIMIT_ENVIRONMENT_BYTES, &body, err);
    if (status) {
        return status;
    }
    status = environment_replace(&call, body, &edited, err);
    if (status) {
        return status;
    }
    return environments_reply_edited(request, reply, &edited, err);
}

static enum status read_patch(struct api *api, const struct request *request, json_t **ret_body,
                              struct error *err) {
    const char *name = NULL;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = environments_path(request, STATUS_NOT_FOUND, &name, err);
    if (status) {
        return status;
    }
    status = document_check_patch(request, "A change of an environment", err);
    if (status) {
        return status;
    }
    return json_parse(request->body, LIMIT_ENVIRONMENT_BYTES, ret_body, err);
}

enum status environments_patch(struct api *api, const struct request *request, struct reply *reply,
                               struct findings *findings, struct error *err) {
    scoped(cleanup_json) json_t *body = NULL;
    const struct edit_context call = {api, request, findings};
    struct environment_edited edited;
    enum status status = read_patch(api, request, &body, err);
    if (status) {
        return status;
    }
    status = environment_patch_document(&call, take(body), &edited, err);
    if (status) {
        return status;
    }
    return environments_reply_edited(request, reply, &edited, err);
}

enum status environments_patch_plugin(struct api *api, const struct request *request,
                                      struct reply *reply, struct findings *findings,
                                      struct error *err) {
    scoped(cleanup_json) json_t *body = NULL;
    const struct edit_context call = {api, request, findings};
    struct environment_edited edited;
    enum status status = read_patch(api, request, &body, err);
    if (status) {
        return status;
    }
    status =
        environment_patch_plugin(&call, request_path(request, "package"), take(body), &edited, err);
    if (status) {
        return status;
    }
    return environments_reply_edited(request, reply, &edited, err);
}

// Stricter than other bodies: an extra member of a rollback could only be a misunderstanding.
static enum status check_target(const json_t *body, int64_t *ret_revision, struct error *err) {
    const json_t *revision = json_object_get(body, "revision");
    if (!json_is_object(body)) {
        return fail(err, STATUS_INVALID, "", "The body must be an object, not %s",
                    json_type_name(body));
    }
    if (json_object_size(body) != 1 || !json_is_integer(revision) ||
        json_integer_value(revision) < 1) {
        return fail(err, STATUS_INVALID, "/revision",
                    "Send {\"revision\": N} and nothing else: the revision to roll back to.");
    }
    *ret_revision = json_integer_value(revision);
    return STATUS_OK;
}

enum status environments_rollback(struct api *api, const struct request *request,
                                  struct reply *reply, struct findings *findings,
                                  struct error *err) {
    scoped(cleanup_json) json_t *body = NULL;
    const struct edit_context call = {api, request, findings};
    struct environment_edited edited;
    const char *name = NULL;
    int64_t revision = 0;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = environments_path(request, STATUS_NOT_FOUND, &name, err);
    if (status) {
        return status;
    }
    status = document_check_json(request, "A rollback", err);
    if (status) {
        return status;
    }
    status = json_parse(request->body, LIMIT_ENVIRONMENT_BYTES, &body, err);
    if (status) {
        return status;
    }
    status = check_target(body, &revision, err);
    if (status) {
        return status;
    }
    status = environment_roll_back(&call, revision, &edited, err);
    if (status) {
        return status;
    }
    return environments_reply_edited(request, reply, &edited, err);
}
