// SPDX-License-Identifier: MIT
// PUT /v1/packages/{name}/releases/{version} with the canonical document.
#include "client/publish.h"

#include "client/exchange.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/json.h"

static void add_path(struct buffer *path, const struct valid_release *valid) {
    buffer_add_string(path, "/v1/packages/");
    exchange_add_encoded(path, valid->normalized_name);
    buffer_add_string(path, "/releases/");
    exchange_add_encoded(path, valid->normalized_version);
}

static enum status read_receipt(struct arena *arena, const json_t *answer,
                                const struct valid_release *valid, struct receipt *ret_receipt,
                                struct error *err) {
    const json_t *serial = json_object_get(answer, "serial");
    const char *epoch = json_string_value(json_object_get(answer, "epoch"));
    struct receipt receipt = {
        .created = json_is_true(json_object_get(answer, "created")),
        .package = valid->normalized_name,
        .version = valid->normalized_version,
        .serial = json_is_integer(serial) ? json_integer_value(serial) : -1,
        .epoch = arena_strdup(arena, epoch),
    };
    if (epoch && !receipt.epoch) {
        return fail_no_memory(err);
    }
    *ret_receipt = receipt;
    return STATUS_OK;
}

enum status publish_send(const struct exchange *exchange, const struct valid_release *valid,
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
    enum status failed = exchange_json(exchange, &request, &answer, err);
    if (failed) {
        return failed;
    }
    const json_t *warnings = json_object_get(answer, "warnings");
    if (warnings) {
        findings_decode(exchange->findings, warnings, SEVERITY_WARNING);
    }
    return read_receipt(exchange->arena, answer, valid, ret_receipt, err);
}
