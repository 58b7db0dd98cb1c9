// SPDX-License-Identifier: MIT
// PUT /v1/packages/{name}/releases/{version} with the canonical document; POST /v1/artifacts with the
// bytes of a file.
#include "client/remote/publish.h"

#include "client/remote/api_call.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"

#include <string.h>

static void add_path(struct buffer *path, const struct valid_release *valid) {
    buffer_add_string(path, "/v1/packages/");
    api_call_add_encoded(path, valid->normalized_name);
    buffer_add_string(path, "/releases/");
    api_call_add_encoded(path, valid->normalized_version);
}

static enum status read_receipt(struct arena *arena, const json_t *answer,
                                const struct valid_release *valid, struct receipt *ret_receipt,
                                struct error *err) {
    const json_t *serial = json_object_get(answer, "serial");
    const char *epoch = json_string_value(json_object_get(answer, "epoch"));
    const char *url = json_string_value(json_object_get(answer, "url"));
    struct receipt receipt = {
        .created = json_is_true(json_object_get(answer, "created")),
        .package = valid->normalized_name,
        .version = valid->normalized_version,
        .serial = json_is_integer(serial) ? json_integer_value(serial) : -1,
        .epoch = arena_strdup(arena, epoch),
        .url = arena_strdup(arena, url),
    };
    if ((epoch && !receipt.epoch) || (url && !receipt.url)) {
        return fail_no_memory(err);
    }
    *ret_receipt = receipt;
    return STATUS_OK;
}

// Sends, and keeps the warnings of an answer that accepted.
static enum status send_release(const struct api_call *call, const struct fetch_request *request,
                                json_t **ret_answer, struct error *err) {
    enum status status = api_call_json(call, request, ret_answer, err);
    if (status) {
        return status;
    }
    findings_decode(call->findings, json_object_get(*ret_answer, "warnings"), SEVERITY_WARNING);
    return STATUS_OK;
}

enum status publish_send(const struct api_call *call, const struct valid_release *valid,
                         struct receipt *ret_receipt, struct error *err) {
    scoped(buffer_done) struct buffer path;
    buffer_init(&path, LIMIT_DOCUMENT_BYTES);
    add_path(&path, valid);
    if (path.failed) {
        return fail_no_memory(err);
    }
    struct fetch_request request = {
        .method = "PUT",
        .path = path.ptr,
        .body = {valid->document, valid->document_len},
    };
    scoped(cleanup_json) json_t *answer = NULL;
    enum status status = send_release(call, &request, &answer, err);
    if (status) {
        return status;
    }
    return read_receipt(call->arena, answer, valid, ret_receipt, err);
}

static enum status check_digest(const json_t *answer, const struct upload *upload,
                                struct error *err) {
    const char *arrived = json_string_value(json_object_get(answer, "sha256"));
    return arrived && strcmp(arrived, upload->sha256) != 0
               ? fail(err, STATUS_UNREACHABLE, NULL,
                      "The registry has other bytes than were sent (SHA-256 %s); "
                      "send it again, and look at what stands between",
                      arrived)
               : STATUS_OK;
}

enum status publish_upload(const struct api_call *call, const struct valid_release *valid,
                           const struct upload *upload, struct receipt *ret_receipt,
                           struct error *err) {
    scoped(buffer_done) struct buffer path;
    buffer_init(&path, LIMIT_DOCUMENT_BYTES);
    buffer_add_string(&path, "/v1/artifacts");
    api_call_add_query(&path, "filename", upload->filename);
    if (path.failed) {
        return fail_no_memory(err);
    }
    struct fetch_request request = {
        .method = "POST",
        .path = path.ptr,
        .body = upload->bytes,
        .content_type = "application/octet-stream",
        .progress = upload->progress,
    };
    scoped(cleanup_json) json_t *answer = NULL;
    enum status status = send_release(call, &request, &answer, err);
    if (status) {
        return status;
    }
    status = check_digest(answer, upload, err);
    if (status) {
        return status;
    }
    return read_receipt(call->arena, answer, valid, ret_receipt, err);
}
