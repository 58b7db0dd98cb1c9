// SPDX-License-Identifier: MIT
// The JSON face of lifecycle_use_cases.h: which members a body may have, and what holds now as the answer. The
// rules (which status needs a reason, what may replace a package) are below, where the pages find them too.
#include "registryd/api/packages/handlers.h"

#include "registryd/api/packages/lifecycle_use_cases.h"
#include "registryd/request/body.h"
#include "registryd/request/change_reply.h"
#include "registryd/request/document.h"
#include "registryd/request/query.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/json/json.h"

// A row of the wish.
// Three forms of body fill one struct; what a form does not have stays NULL.
#define LINE(key_, member_, max_)                                                                  \
    { key_, MEMBER_LINE, offsetof(struct lifecycle_wish, member_), .max = (max_) }
static const struct object_member yank_members[] = {LINE("reason", reason, LIMIT_SHORT_TEXT_BYTES)};
static const struct object_member release_members[] = {
    LINE("status", status, LIMIT_NAME_BYTES), LINE("reason", reason, LIMIT_SHORT_TEXT_BYTES)};
static const struct object_member package_members[] = {
    LINE("status", status, LIMIT_NAME_BYTES), LINE("reason", reason, LIMIT_SHORT_TEXT_BYTES),
    LINE("replaced_by", replaced_by, LIMIT_NAME_BYTES)};
#undef LINE

static const struct body_form yank_form = {"A yank", yank_members, COUNT_OF(yank_members),
                                           LIMIT_SMALL_BODY_BYTES};
static const struct body_form release_form = {"The status of a release", release_members,
                                              COUNT_OF(release_members), LIMIT_SMALL_BODY_BYTES};
static const struct body_form package_form = {"The status of a package", package_members,
                                              COUNT_OF(package_members), LIMIT_SMALL_BODY_BYTES};

// A wrong name or version in the address is 404; the body is judged afterwards.
static enum status read_release(struct api *api, const struct request *request,
                                struct lifecycle_wish *ret_wish, struct error *err) {
    struct release_path path;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = document_release_path(request, STATUS_NOT_FOUND, &path, err);
    if (status) {
        return status;
    }
    *ret_wish = (struct lifecycle_wish){
        .package = path.package, .version = path.version, .actor = request->actor};
    return STATUS_OK;
}

static enum status reply_yank(struct api *api, const struct request *request, struct reply *reply,
                              const struct lifecycle_wish *wish,
                              const struct lifecycle_result *result, struct error *err) {
    // clang-format off
    json_t *json = json_pack("{s:s,s:s,s:b,s:o}",
                             "package", wish->package,
                             "version", wish->version,
                             "yanked", result->reason != NULL,
                             "yanked_reason", json_text(result->reason));
    // clang-format on
    return change_reply(api, request, reply, &result->outcome, json, err);
}

enum status lifecycle_yank(struct api *api, const struct request *request, struct reply *reply,
                           struct findings *findings, struct error *err) {
    struct lifecycle_wish wish;
    struct lifecycle_result result;
    enum status status = read_release(api, request, &wish, err);
    if (status) {
        return status;
    }
    status = body_decode(request, &yank_form, findings, &wish, err);
    if (status) {
        return status;
    }
    status = release_yank(api, &wish, findings, &result, err);
    if (status) {
        return status;
    }
    return reply_yank(api, request, reply, &wish, &result, err);
}

enum status lifecycle_unyank(struct api *api, const struct request *request, struct reply *reply,
                             struct findings *findings, struct error *err) {
    (void)findings;
    struct lifecycle_wish wish;
    struct lifecycle_result result;
    enum status status = read_release(api, request, &wish, err);
    if (status) {
        return status;
    }
    status = release_unyank(api, &wish, &result, err);
    if (status) {
        return status;
    }
    return reply_yank(api, request, reply, &wish, &result, err);
}

enum status lifecycle_release_status(struct api *api, const struct request *request,
                                     struct reply *reply, struct findings *findings,
                                     struct error *err) {
    struct lifecycle_wish wish;
    struct lifecycle_result result;
    enum status status = read_release(api, request, &wish, err);
    if (status) {
        return status;
    }
    status = body_decode(request, &release_form, findings, &wish, err);
    if (status) {
        return status;
    }
    status = release_status_change(api, &wish, findings, &result, err);
    if (status) {
        return status;
    }
    // clang-format off
    json_t *json = json_pack("{s:s,s:s,s:s,s:o}",
                             "package", wish.package,
                             "version", wish.version,
                             "status", result.status,
                             "status_reason", json_text(result.reason));
    // clang-format on
    return change_reply(api, request, reply, &result.outcome, json, err);
}

enum status lifecycle_package_status(struct api *api, const struct request *request,
                                     struct reply *reply, struct findings *findings,
                                     struct error *err) {
    struct lifecycle_wish wish = {.actor = request->actor};
    struct lifecycle_result result;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = document_package_path(request, STATUS_NOT_FOUND, &wish.package, err);
    if (status) {
        return status;
    }
    status = body_decode(request, &package_form, findings, &wish, err);
    if (status) {
        return status;
    }
    status = package_status_change(api, &wish, findings, &result, err);
    if (status) {
        return status;
    }
    // clang-format off
    json_t *json = json_pack("{s:s,s:s,s:o,s:o}",
                             "package", wish.package,
                             "status", result.status,
                             "status_reason", json_text(result.reason),
                             "replaced_by", json_text(result.replaced_by));
    // clang-format on
    return change_reply(api, request, reply, &result.outcome, json, err);
}
