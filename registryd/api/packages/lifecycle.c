// SPDX-License-Identifier: MIT
// Decode, change, wait until this daemon's own index has it, and answer with what is so now.
#include "registryd/api/packages/lifecycle.h"

#include "registryd/request/change_reply.h"
#include "registryd/request/document.h"
#include "registryd/api/packages/lifecycle_document.h"
#include "registryd/request/query.h"
#include "registryd/store/store_lifecycle.h"
#include "schema/json/json.h"

#include <string.h>

static enum status read_target(struct api *api, const struct request *request,
                               struct release_path *ret_path, struct error *err) {
    enum status status = query_begin(api, request, NULL, 0, err);
    return status ? status : document_release_path(request, STATUS_NOT_FOUND, ret_path, err);
}

static enum status set_yanked(struct api *api, const struct request *request, struct reply *reply,
                              const struct release_change *change, struct error *err) {
    struct lifecycle_outcome outcome;
    enum status status = store_release_yank(api->store, change, &outcome, err);
    if (status) {
        return status;
    }
    // clang-format off
    json_t *json = json_pack("{s:s,s:s,s:b,s:o}",
                             "package", change->package,
                             "version", change->version,
                             "yanked", change->reason != NULL,
                             "yanked_reason", json_text(change->reason));
    // clang-format on
    return change_reply(api, request, reply, &outcome, json, err);
}

enum status lifecycle_yank(struct api *api, const struct request *request, struct reply *reply,
                           struct findings *findings, struct error *err) {
    struct release_path path;
    struct lifecycle_request asked;
    enum status status = read_target(api, request, &path, err);
    if (!status) {
        status = lifecycle_decode_yank(request, findings, &asked, err);
    }
    if (status) {
        return status;
    }
    struct release_change change = {path.package, path.version, asked.reason, request->actor};
    return set_yanked(api, request, reply, &change, err);
}

enum status lifecycle_unyank(struct api *api, const struct request *request, struct reply *reply,
                             struct findings *findings, struct error *err) {
    (void)findings;
    struct release_path path;
    enum status status = read_target(api, request, &path, err);
    if (status) {
        return status;
    }
    struct release_change change = {path.package, path.version, NULL, request->actor};
    return set_yanked(api, request, reply, &change, err);
}

enum status lifecycle_release_status(struct api *api, const struct request *request,
                                     struct reply *reply, struct findings *findings,
                                     struct error *err) {
    struct release_path path;
    struct lifecycle_request asked;
    struct lifecycle_outcome outcome;
    enum status status = read_target(api, request, &path, err);
    if (!status) {
        status = lifecycle_decode_release(request, findings, &asked, err);
    }
    if (!status) {
        struct release_change change = {path.package, path.version, asked.reason, request->actor};
        status = store_release_quarantine(api->store, &change, &outcome, err);
    }
    if (status) {
        return status;
    }
    // clang-format off
    json_t *json = json_pack("{s:s,s:s,s:s,s:o}",
                             "package", path.package,
                             "version", path.version,
                             "status", asked.status,
                             "status_reason", json_text(asked.reason));
    // clang-format on
    return change_reply(api, request, reply, &outcome, json, err);
}

enum status lifecycle_package_status(struct api *api, const struct request *request,
                                     struct reply *reply, struct findings *findings,
                                     struct error *err) {
    const char *name = NULL;
    struct lifecycle_request asked;
    struct lifecycle_outcome outcome;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (!status) {
        status = document_package_path(request, STATUS_NOT_FOUND, &name, err);
    }
    if (!status) {
        status = lifecycle_decode_package(request, name, findings, &asked, err);
    }
    if (!status) {
        struct package_change change = {name, asked.status, asked.reason, asked.replaced_by,
                                        request->actor};
        status = store_package_status_set(api->store, &change, &outcome, err);
    }
    if (status) {
        return status;
    }
    // clang-format off
    json_t *json = json_pack("{s:s,s:s,s:o,s:o}",
                             "package", name,
                             "status", asked.status,
                             "status_reason", json_text(asked.reason),
                             "replaced_by", json_text(asked.replaced_by));
    // clang-format on
    return change_reply(api, request, reply, &outcome, json, err);
}
