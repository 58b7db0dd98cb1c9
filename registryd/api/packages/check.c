// SPDX-License-Identifier: MIT
// POST /v1/check: what publishing this body would say. With a token it is the dry run of the publish itself; without
// one, a document is held against everything that does not depend on who asks. A file costs a reader's process and
// room on disk, so only a token that may publish has files checked.
//
//     rules broken, a version taken, no right      -> 200, "valid": false, "code": that of the refusal
//     a body that cannot be read, no token, pace   -> the problem document that publishing answers
#include "registryd/api/packages/handlers.h"

#include "registryd/access/publish_rights.h"
#include "registryd/api/packages/artifact_use_case.h"
#include "registryd/api/packages/artifacts.h"
#include "registryd/api/packages/release_use_case.h"
#include "registryd/request/document.h"
#include "registryd/request/query.h"
#include "schema/json/json.h"
#include "schema/packaging/name.h"

// The request as a dry run.
static struct request dry_run(const struct request *request) {
    struct request asked = *request;
    asked.is_dry_run = true;
    return asked;
}

static bool is_file(const struct request *request) {
    return upload_is_file(request->content_type);
}

enum status check_admit(struct api *api, const struct request *request, struct reply *reply,
                        struct findings *findings, struct error *err) {
    const struct access_check_args query = {ACCESS_PUBLISH, NULL};
    const struct request asked = dry_run(request);
    if (!is_file(request)) {
        return STATUS_OK;
    }
    if (!request->rights) {
        return fail(err, STATUS_UNAUTHORIZED, NULL,
                    "Checking a file needs a token that may publish it. Send the token as "
                    "\"Authorization: Bearer TOKEN\", or check a release document.");
    }
    enum status status = access_require(api, request->arena, request->rights, &query, err);
    return status ? status : artifacts_admit(api, &asked, reply, findings, err);
}

static enum status check_file(struct api *api, const struct request *request,
                              struct findings *findings, bool *ret_created, struct error *err) {
    scoped(uploaded_file_done) struct uploaded_file upload = {.fd = -1};
    struct artifact_published published;
    enum status status = artifacts_receive(api, request, findings, &upload, err);
    if (status) {
        return status;
    }
    status = artifact_publish(api, request, &upload, findings, &published, err);
    if (status) {
        return status;
    }
    *ret_created = published.outcome.created;
    return STATUS_OK;
}

// The order is that of a publish, so that of several reasons the same one is named first.
static enum status check_document(struct api *api, const struct request *request,
                                  struct findings *findings, bool *ret_created, struct error *err) {
    const struct release *release = NULL;
    const struct valid_release *valid = NULL;
    const char *name = NULL;
    struct publish_outcome outcome;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = document_decode(request, findings, &release, err);
    if (status) {
        return status;
    }
    struct error no_name;
    if (request->rights &&
        !name_normalize(request->arena, text_from(release->name), &name, &no_name)) {
        status = publish_rights_begin(api, request, name, err);
    }
    if (status) {
        return status;
    }
    status = release_check(request->arena, release, findings, &valid, err);
    if (status) {
        return status;
    }
    status = request->rights ? release_publish(api, request, valid, findings, &outcome, err)
                             : release_ask(api, valid, findings, &outcome, err);
    if (status) {
        return status;
    }
    *ret_created = outcome.created;
    return STATUS_OK;
}

// Whether a failure is what a publish would answer about its body, and not that it cannot be judged.
static bool is_verdict(enum status status) {
    return status == STATUS_INVALID || status == STATUS_CONFLICT || status == STATUS_FORBIDDEN;
}

static enum status reply_verdict(const struct request *request, struct reply *reply,
                                 struct findings *findings, bool is_created,
                                 const struct error *refusal) {
    const char *code = refusal->status ? status_info(refusal->status)->wire_name : NULL;
    if (refusal->status && !findings_count(findings, SEVERITY_ERROR)) {
        findings_add_error(findings, "publish-refused", refusal);
    }
    json_t *json = json_pack("{s:b,s:b,s:s?,s:o,s:s?,s:o,s:o}", "valid", !refusal->status,
                             "created", is_created, "code", code, "detail",
                             refusal->status ? json_text(refusal->message) : json_null(), "actor",
                             request->actor, "errors", findings_encode(findings, SEVERITY_ERROR),
                             "warnings", findings_encode(findings, SEVERITY_WARNING));
    return reply_json(request, reply, json, NULL);
}

enum status check_release(struct api *api, const struct request *request, struct reply *reply,
                          struct findings *findings, struct error *err) {
    const struct request asked = dry_run(request);
    struct error refusal = {0};
    bool is_created = false;
    enum status status = is_file(request)
                             ? check_file(api, &asked, findings, &is_created, &refusal)
                             : check_document(api, &asked, findings, &is_created, &refusal);
    if (status && !is_verdict(status)) {
        return fail(err, status, refusal.where, "%s", refusal.message);
    }
    refusal.status = status;
    return reply_verdict(request, reply, findings, is_created, &refusal) ? fail_no_memory(err)
                                                                         : STATUS_OK;
}
