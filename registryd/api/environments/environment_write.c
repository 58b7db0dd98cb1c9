// SPDX-License-Identifier: MIT
// The four ways to change an environment. A patch is judged by itself first: a key that no document
// has, even with null, would otherwise be passed over in silence.
#include "registryd/api/environments/environments.h"

#include "registryd/request/document.h"
#include "registryd/api/environments/environment_edit.h"
#include "registryd/api/environments/environment_patch.h"
#include "registryd/request/query.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/environment/merge_patch.h"
#include "schema/packaging/name.h"

#include <string.h>

enum { OWN_WRITE_WAIT_MS = 2000 };

static enum status reply_edited(const struct environment_edit *edit, struct reply *reply,
                                const struct environment_edited *edited, struct error *err) {
    const struct request *request = edit->request;
    // clang-format off
    json_t *json = json_pack("{s:s,s:I,s:b,s:b,s:s,s:I,s:s}",
                             "environment", edit->name,
                             "revision", (json_int_t)edited->revision,
                             "created", edited->created,
                             "changed", edited->changed,
                             "summary", edited->summary,
                             "serial", (json_int_t)edited->point.serial,
                             "epoch", edited->point.epoch);
    // clang-format on
    enum status status = reply_json(request, reply, json, err);
    reply->http_status = edited->created ? 201 : 200;
    reply->serial = edited->point.serial;
    reply->epoch = arena_strdup(request->arena, edited->point.epoch);
    reply->etag = environments_etag(request->arena, edited->revision);
    reply->location =
        edited->created ? arena_printf(request->arena, "/v1/environments/%s", edit->name) : NULL;
    return !status && (!reply->epoch || !reply->etag) ? fail_no_memory(err) : status;
}

static enum status run(const struct environment_edit *edit, struct reply *reply,
                       struct error *err) {
    struct environment_edited edited;
    enum status status = environment_edit_run(edit, &edited, err);
    if (status) {
        return status;
    }
    // When it does not come in time the change is made all the same; the answer's serial lets a client
    // insist with min_serial.
    index_wait(edit->api->index, edited.point.serial, OWN_WRITE_WAIT_MS);
    return reply_edited(edit, reply, &edited, err);
}

// ---- PUT: the whole document ----

static enum status replace(const struct environment_edit *edit,
                           const struct environment_detail *present, json_t **ret_document,
                           struct error *err) {
    (void)present;
    (void)err;
    *ret_document = json_incref(edit->body);
    return STATUS_OK;
}

enum status environments_put(struct api *api, const struct request *request, struct reply *reply,
                             struct findings *findings, struct error *err) {
    scoped(cleanup_json) json_t *body = NULL;
    struct environment_edit edit = {
        api, request, findings, .action = "replace", .may_create = true, .apply = replace};
    enum status status = query_begin(api, request, NULL, 0, err);
    if (!status) {
        status = document_check_json(request, "An environment", err);
    }
    if (!status) {
        status = environments_path(request, STATUS_INVALID, &edit.name, err);
    }
    if (!status) {
        status = json_parse(request->body, LIMIT_ENVIRONMENT_BYTES, &body, err);
    }
    edit.body = body;
    return status ? status : run(&edit, reply, err);
}

// ---- PATCH: of the document, of one plugin ----

static enum status patch(const struct environment_edit *edit,
                         const struct environment_detail *present, json_t **ret_document,
                         struct error *err) {
    scoped(cleanup_json) json_t *document = json_loads(present->document, 0, NULL);
    *ret_document = document ? merge_patch_apply(document, edit->body) : NULL;
    return *ret_document ? STATUS_OK : fail_no_memory(err);
}

static enum status read_patch(const struct request *request, json_t **ret_body, struct error *err) {
    enum status status = document_check_patch(request, "A change of an environment", err);
    return status ? status : json_parse(request->body, LIMIT_ENVIRONMENT_BYTES, ret_body, err);
}

enum status environments_patch(struct api *api, const struct request *request, struct reply *reply,
                               struct findings *findings, struct error *err) {
    scoped(cleanup_json) json_t *body = NULL;
    struct environment_edit edit = {api, request, findings, .action = "change", .apply = patch};
    enum status status = query_begin(api, request, NULL, 0, err);
    if (!status) {
        status = environments_path(request, STATUS_NOT_FOUND, &edit.name, err);
    }
    if (!status) {
        status = read_patch(request, &body, err);
    }
    if (!status) {
        status = environment_patch_check(request->arena, &body, findings, err);
    }
    edit.body = body;
    return status ? status : run(&edit, reply, err);
}

static enum status plugin_path(const struct request *request, const char **ret_package,
                               struct error *err) {
    struct text name = text_from(request_path(request, "package"));
    enum status status = name_normalize(request->arena, name, ret_package, err);
    return status && status != STATUS_NO_MEMORY
               ? fail(err, STATUS_NOT_FOUND, NULL,
                      "\"%s\" in the address is not the name of a package", name.ptr)
               : status;
}

// {"plugins":{PACKAGE: the patch}}; steals `inner`.
static enum status wrap_patch(const char *package, json_t *inner, json_t **ret_body,
                              struct error *err) {
    json_t *wrapped = json_pack("{s:{s:o}}", "plugins", package, inner);
    if (!wrapped) {
        return fail_no_memory(err);
    }
    *ret_body = wrapped;
    return STATUS_OK;
}

enum status environments_patch_plugin(struct api *api, const struct request *request,
                                      struct reply *reply, struct findings *findings,
                                      struct error *err) {
    scoped(cleanup_json) json_t *inner = NULL;
    scoped(cleanup_json) json_t *body = NULL;
    struct environment_edit edit = {api, request, findings, .action = "plugin", .apply = patch};
    enum status status = query_begin(api, request, NULL, 0, err);
    if (!status) {
        status = environments_path(request, STATUS_NOT_FOUND, &edit.name, err);
    }
    if (!status) {
        status = plugin_path(request, &edit.package, err);
    }
    if (!status) {
        status = read_patch(request, &inner, err);
    }
    if (!status) {
        status = wrap_patch(edit.package, take(inner), &body, err);
    }
    if (!status) {
        status = environment_patch_check(request->arena, &body, findings, err);
    }
    edit.body = body;
    if (!status) {
        status = run(&edit, reply, err);
    }
    return environment_patch_localize(request->arena, edit.package, findings, status, err);
}

// ---- POST rollback ----

static enum status go_back(const struct environment_edit *edit,
                           const struct environment_detail *present, json_t **ret_document,
                           struct error *err) {
    (void)present;
    struct environment_detail old;
    int64_t revision = json_integer_value(json_object_get(edit->body, "revision"));
    enum status status = store_environment_load(edit->api->store, edit->request->arena, edit->name,
                                                revision, &old, err);
    if (status) {
        return status;
    }
    *ret_document = json_loads(old.document, JSON_REJECT_DUPLICATES, NULL);
    return *ret_document ? STATUS_OK : fail_no_memory(err);
}

static enum status check_target(const json_t *body, struct error *err) {
    const json_t *revision = json_object_get(body, "revision");
    if (!json_is_object(body)) {
        return fail(err, STATUS_INVALID, "", "This is %s; it must be an object",
                    json_type_name(body));
    }
    if (json_object_size(body) != 1 || !json_is_integer(revision) ||
        json_integer_value(revision) < 1) {
        return fail(err, STATUS_INVALID, "/revision",
                    "Say {\"revision\": N}: the revision to go back to, and nothing else");
    }
    return STATUS_OK;
}

enum status environments_rollback(struct api *api, const struct request *request,
                                  struct reply *reply, struct findings *findings,
                                  struct error *err) {
    scoped(cleanup_json) json_t *body = NULL;
    struct environment_edit edit = {
        api, request, findings, .action = "rollback", .is_unchecked = true, .apply = go_back};
    enum status status = query_begin(api, request, NULL, 0, err);
    if (!status) {
        status = environments_path(request, STATUS_NOT_FOUND, &edit.name, err);
    }
    if (!status) {
        status = document_check_json(request, "A rollback", err);
    }
    if (!status) {
        status = json_parse(request->body, LIMIT_ENVIRONMENT_BYTES, &body, err);
    }
    if (!status) {
        status = check_target(body, err);
    }
    if (status) {
        return status;
    }
    edit.body = body;
    edit.summary = arena_printf(request->arena, "back to revision %lld",
                                (long long)json_integer_value(json_object_get(body, "revision")));
    return edit.summary ? run(&edit, reply, err) : fail_no_memory(err);
}
