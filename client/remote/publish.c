// SPDX-License-Identifier: MIT
// What a program sends to a registry: PUT /v1/packages/{name}/releases/{version} with the canonical document,
// POST /v1/artifacts with the bytes of a file, POST /v1/reports with how a host's directories compare.
// Publishing is idempotent: after a lost connection a caller may repeat a request unchanged. The warnings of
// an answer that accepted go into call->findings; those of a refusal are added by api_call_json.
#include "client/remote/publish.h"

#include "client/remote/api_call.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/digest.h"
#include "schema/json/json.h"

#include <string.h>

static void add_path(struct buffer *path, const struct valid_release *valid) {
    buffer_add_string(path, "/v1/packages/");
    api_call_add_encoded(path, valid->normalized_name);
    buffer_add_string(path, "/releases/");
    api_call_add_encoded(path, valid->normalized_version);
}

// An answer without serial or epoch is accepted, because the release is published all the same.
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

// The registry computes the digest from what it stored. A proxy that changed the bytes is found out here.
static enum status check_digest(const json_t *answer, const struct upload *upload,
                                struct error *err) {
    const char *arrived = json_string_value(json_object_get(answer, "sha256"));
    return arrived && strcmp(arrived, upload->sha256) != 0
               ? fail(err, STATUS_UNREACHABLE, NULL,
                      "The registry received other bytes than were sent (SHA-256 %s). Retry the "
                      "request; then check the proxies between this machine and the registry",
                      arrived)
               : STATUS_OK;
}

// The registry answers with the digest of what it read; a difference means that the bytes changed
// on the way, and is an error even though the upload was accepted.
enum status publish_upload(const struct api_call *call, const struct valid_release *valid,
                           const struct upload *upload, struct receipt *ret_receipt,
                           struct error *err) {
    scoped(buffer_done) struct buffer path;
    buffer_init(&path, LIMIT_DOCUMENT_BYTES);
    buffer_add_string(&path, "/v1/artifacts");
    api_call_add_query(&path, "filename", upload->filename);
    api_call_add_query(&path, "uploaded_at", upload->uploaded_at);
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

// ---- what was read at a path ----

// The digest goes along so that the answer can be compared with it.
static enum status upload_item(const struct api_call *call, const struct publish_item *item,
                               struct receipt *ret_receipt, struct error *err) {
    char hex[DIGEST_HEX_SIZE];
    struct upload upload = {
        .filename = item->artifact->filename,
        .bytes = item->bytes,
        .sha256 = hex,
        .progress = item->progress,
    };
    digest_hex(item->artifact->sha256, hex);
    return publish_upload(call, item->project->valid, &upload, ret_receipt, err);
}

// The answer's findings are kept even if the upload is refused: they say why.
enum status publish_item_send(const struct api_call *call, const struct publish_item *item,
                              struct receipt *ret_receipt, struct error *err) {
    struct findings answered;
    findings_init(&answered, call->arena);
    struct api_call sending = {call->arena, call->connection, &answered, call->patience};
    enum status status = item->artifact
                             ? upload_item(&sending, item, ret_receipt, err)
                             : publish_send(&sending, item->project->valid, ret_receipt, err);
    findings_append_new(&item->project->findings, &answered);
    return answered.no_memory || item->project->findings.no_memory ? fail_no_memory(err) : status;
}

// ---- what publishing would answer ----

static enum status make_question(const struct publish_item *item, struct buffer *path,
                                 struct fetch_request *request, struct error *err) {
    const struct valid_release *valid = item->project->valid;
    *request = (struct fetch_request){.method = "POST"};
    buffer_add_string(path, "/v1/check");
    if (item->artifact) {
        api_call_add_query(path, "filename", item->artifact->filename);
        request->body = item->bytes;
        request->content_type = "application/octet-stream";
        request->progress = item->progress;
    } else {
        request->body = (struct text){valid->document, valid->document_len};
    }
    request->path = path->ptr;
    return path->failed ? fail_no_memory(err) : STATUS_OK;
}

// The verdict as the failure that the publish would be.
static enum status read_verdict(const struct api_call *call, const json_t *answer, bool *ret_is_new,
                                struct error *err) {
    const json_t *valid = json_object_get(answer, "valid");
    const json_t *created = json_object_get(answer, "created");
    const char *code = json_string_value(json_object_get(answer, "code"));
    const char *detail = json_string_value(json_object_get(answer, "detail"));
    findings_decode(call->findings, json_object_get(answer, "errors"), SEVERITY_ERROR);
    findings_decode(call->findings, json_object_get(answer, "warnings"), SEVERITY_WARNING);
    if (!json_is_boolean(valid) || !json_is_boolean(created)) {
        return fail(err, STATUS_UNREACHABLE, NULL,
                    "The registry does not say what publishing would answer. It may be older than "
                    "this registryctl: update it, or check without --against");
    }
    if (json_is_true(valid)) {
        *ret_is_new = json_is_true(created);
        return STATUS_OK;
    }
    enum status status = code ? status_find(code) : STATUS_INVALID;
    return fail(err, status ? status : STATUS_INVALID, NULL, "%s",
                detail ? detail : "The registry would refuse it");
}

static enum status ask_verdict(const struct api_call *call, const struct publish_item *item,
                               bool *ret_is_new, struct error *err) {
    scoped(buffer_done) struct buffer path;
    scoped(cleanup_json) json_t *answer = NULL;
    struct fetch_request request;
    buffer_init(&path, LIMIT_DOCUMENT_BYTES);
    enum status status = make_question(item, &path, &request, err);
    if (status) {
        return status;
    }
    status = api_call_json(call, &request, &answer, err);
    return status ? status : read_verdict(call, answer, ret_is_new, err);
}

enum status publish_item_check(const struct api_call *call, const struct publish_item *item,
                               bool *ret_is_new, struct error *err) {
    struct findings answered;
    findings_init(&answered, call->arena);
    const struct api_call asking = {call->arena, call->connection, &answered, call->patience};
    enum status status = ask_verdict(&asking, item, ret_is_new, err);
    findings_append_new(&item->project->findings, &answered);
    return answered.no_memory || item->project->findings.no_memory ? fail_no_memory(err) : status;
}

// ---- a host's parity reports ----

static const char *const lists[] = {"only_walk", "only_registry", "value",
                                    "version",   "manifest",      "unknown_version",
                                    "shadowed",  "invalid",       "withheld"};

// A manifest can be large, and says nothing about which host needs what.
static bool drop_manifests(json_t *entry) {
    json_t *walk = json_object_get(entry, "walk");
    json_t *registry = json_object_get(entry, "registry");
    if (walk && registry) {
        return drop_manifests(walk) && drop_manifests(registry);
    }
    return json_object_set_new(entry, "manifest", json_null()) == 0;
}

// Cuts a list to what the registry stores; its full length stays in `counts`.
static bool cut_list(json_t *report, json_t *counts, const char *name) {
    json_t *list = json_object_get(report, name);
    if (json_object_set_new(counts, name, json_integer((json_int_t)json_array_size(list)))) {
        return false;
    }
    while (json_array_size(list) > LIMIT_REPORT_ITEMS) {
        json_array_remove(list, json_array_size(list) - 1);
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (!drop_manifests(json_array_get(list, i))) {
            return false;
        }
    }
    return true;
}

// Long lists are cut to keep the report small; "counts" has their whole lengths.
static json_t *encode_parity(const struct parity *parity) {
    scoped(cleanup_json) json_t *report = parity_encode(parity, false);
    json_t *counts = json_object();
    if (json_object_set_new(report, "counts", counts)) {
        return NULL;
    }
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        if (!cut_list(report, counts, lists[i])) {
            return NULL;
        }
    }
    return take(report);
}

// Only as many roots as the registry stores: it would refuse the whole report for one more.
static json_t *encode_roots(const struct walk_query *walk) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < walk->root_count && i < LIMIT_REPORT_ROOTS; i++) {
        json_t *root = json_pack("{s:o, s:o}", "label", json_text(walk->roots[i].label), "path",
                                 json_text(walk->roots[i].path));
        if (json_array_append_new(array, root)) {
            return NULL;
        }
    }
    return take(array);
}

// Earlier registries do not know the member, so it is sent only when it is needed.
static bool allows_empty(const struct host_report *report) {
    bool found = false;
    for (size_t i = 0; i < report->count; i++) {
        found = found || (report->parities[i].allow_empty && parity_is_empty(&report->parities[i]));
    }
    return found;
}

static json_t *encode_report(const struct host_report *report, const char *environment) {
    scoped(cleanup_json) json_t *reports = json_array();
    for (size_t i = 0; reports && i < report->count; i++) {
        if (json_array_append_new(reports, encode_parity(&report->parities[i]))) {
            return NULL;
        }
    }
    const char *convention = report->walk->convention ? report->walk->convention : "auto";
    return json_pack("{s:o, s:o*, s:o*, s:s, s:o, s:o, s:o}", "host", json_text(report->host),
                     "for_seconds", report->for_seconds ? json_integer(report->for_seconds) : NULL,
                     "allow_empty", allows_empty(report) ? json_true() : NULL, "environment",
                     environment, "convention", json_text(convention), "roots",
                     encode_roots(report->walk), "reports", take(reports));
}

enum status publish_report(const struct api_call *call, const struct host_report *report,
                           struct error *err) {
    scoped(cleanup_json) json_t *document = encode_report(report, call->connection->environment);
    const char *body = document ? json_encode_canonical(call->arena, document) : NULL;
    if (!body) {
        return fail_no_memory(err);
    }
    struct fetch_request request = {
        .method = "POST", .path = "/v1/reports", .body = text_from(body)};
    scoped(cleanup_json) json_t *answer = NULL;
    enum status status = api_call_json(call, &request, &answer, err);
    if (status) {
        return status;
    }
    findings_decode(call->findings, json_object_get(answer, "warnings"), SEVERITY_WARNING);
    return STATUS_OK;
}
