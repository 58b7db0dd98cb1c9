// SPDX-License-Identifier: MIT
// What the registry states, in a form that can be carried elsewhere: signed with the key of the snapshots, so that who
// gets a copy can tell that this registry said so. The text is made by one statement of SQL, which reads one state of
// the database. Exports are made of these; a registry that answers many of them does nothing else that costs.
#include "registryd/api/packages/handlers.h"

#include "registryd/hash/etag.h"
#include "registryd/request/document.h"
#include "registryd/request/query.h"
#include "registryd/store/files/store_projects.h"
#include "schema/packaging/name.h"
#include "schema/snapshot/signed_text.h"

#include <string.h>

static const char media_type[] = "application/vnd.registryd.statement";

static enum status reply_statement(struct api *api, const struct request *request,
                                   struct reply *reply, const char *line, struct error *err) {
    const char *body = signed_text_make(request->arena, text_from(line), api->snapshot_key);
    char *etag = arena_alloc(request->arena, ETAG_SIZE);
    if (!body || !etag) {
        return fail_no_memory(err);
    }
    reply->body = text_from(body);
    reply->content_type = media_type;
    hash_etag(reply->body.ptr, reply->body.len, etag);
    reply->etag = etag;
    return STATUS_OK;
}

enum status statements_index(struct api *api, const struct request *request, struct reply *reply,
                             struct findings *findings, struct error *err) {
    (void)findings;
    const char *line = NULL;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = store_index_statement_load(api->reading, request->arena, &line, err);
    return status ? status : reply_statement(api, request, reply, line, err);
}

enum status statements_package(struct api *api, const struct request *request, struct reply *reply,
                               struct findings *findings, struct error *err) {
    (void)findings;
    const char *line = NULL;
    const char *name = NULL;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = name_normalize(request->arena, text_from(request_path(request, "name")), &name, err);
    if (status) {
        return status == STATUS_INVALID
                   ? fail(err, STATUS_NOT_FOUND, NULL, "The name of the package is invalid")
                   : status;
    }
    status = store_package_statement_load(api->reading, request->arena, name, &line, err);
    return status ? status : reply_statement(api, request, reply, line, err);
}
