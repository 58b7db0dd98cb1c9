// SPDX-License-Identifier: MIT
// Packages as the store lists them.
#include "registryd/api/packages/packages.h"

#include "registryd/api/packages/artifacts.h"
#include "registryd/request/cursor.h"
#include "registryd/request/document.h"
#include "registryd/api/packages/packages_query.h"
#include "registryd/request/query.h"
#include "schema/json/json.h"

static json_t *encode_rows(const struct package_rows *rows) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < rows->count; i++) {
        json_t *item = document_encode_package(&rows->items[i]);
        if (json_array_append_new(array, item)) {
            return NULL;
        }
    }
    return take(array);
}

enum status packages_list(struct api *api, const struct request *request, struct reply *reply,
                          struct findings *findings, struct error *err) {
    (void)findings;
    struct package_query query;
    struct package_rows rows;
    enum status status = query_begin(api, request, packages_query_rules, PACKAGES_QUERY_RULES, err);
    if (!status) {
        status = packages_query_decode(api, request, &query, err);
    }
    if (!status) {
        status = store_packages_load(api->store, request->arena, &query, &rows, err);
    }
    if (status) {
        return status;
    }
    const char *last = rows.count ? rows.place : "";
    struct cursor_page answer = {"packages", encode_rows(&rows), rows.more, last,
                                 json_pack("{s:I,s:o}", "total", (json_int_t)rows.total,
                                           "corrected", json_text(rows.corrected))};
    return cursor_reply(request, reply, &answer, err);
}

static json_t *encode_releases(const struct package_detail *detail,
                               const struct artifact_rows *artifacts) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < detail->release_count; i++) {
        const struct release_row *row = &detail->releases[i];
        json_t *item = document_encode_release(row);
        if (json_array_append_new(array, item) ||
            json_object_set_new(item, "artifacts", artifacts_encode(artifacts, row->version))) {
            return NULL;
        }
    }
    return take(array);
}

enum status packages_show(struct api *api, const struct request *request, struct reply *reply,
                          struct findings *findings, struct error *err) {
    (void)findings;
    const char *name = NULL;
    struct package_detail detail;
    struct artifact_rows artifacts;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (!status) {
        status = document_package_path(request, STATUS_NOT_FOUND, &name, err);
    }
    if (!status) {
        status = store_package_load(api->store, request->arena, name, &detail, err);
    }
    if (!status) {
        status = store_artifacts_load(api->store, request->arena, name, NULL, &artifacts, err);
    }
    if (status) {
        return status;
    }
    scoped(cleanup_json) json_t *package = document_encode_package(&detail.package);
    scoped(cleanup_json) json_t *more = json_pack(
        "{s:o,s:o}", "releases", encode_releases(&detail, &artifacts), "document",
        detail.document ? json_loads(detail.document, JSON_REJECT_DUPLICATES, NULL) : json_null());
    if (!package || !more || json_object_update(package, more)) {
        return fail_no_memory(err);
    }
    return reply_json(request, reply, take(package), err);
}
