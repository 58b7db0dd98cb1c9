// SPDX-License-Identifier: MIT
// POST /v1/reports: a host's parity reports, for `registryctl transition` and the catalogue. The lists of
// a report are cut to what the registry stores, and `counts` says how long they were; manifests are left
// out, because they can be large and say nothing about which host needs what.
#include "client/remote/report_upload.h"

#include "client/fs/printable.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

static const char *const lists[] = {"only_walk", "only_registry",   "value",    "version",
                                    "manifest",  "unknown_version", "shadowed", "invalid"};

// A manifest can be large, and says nothing about which host needs what.
static bool drop_manifests(json_t *entry) {
    json_t *walk = json_object_get(entry, "walk");
    json_t *registry = json_object_get(entry, "registry");
    if (walk && registry) {
        return drop_manifests(walk) && drop_manifests(registry);
    }
    return json_object_set_new(entry, "manifest", json_null()) == 0;
}

// Cuts a list to what is kept, and counts it whole.
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

static json_t *encode(const struct host_report *report, const char *environment) {
    scoped(cleanup_json) json_t *reports = json_array();
    for (size_t i = 0; reports && i < report->count; i++) {
        if (json_array_append_new(reports, encode_parity(&report->parities[i]))) {
            return NULL;
        }
    }
    const char *convention = report->walk->convention ? report->walk->convention : "auto";
    return json_pack("{s:o, s:s, s:o, s:o, s:o}", "host", json_text(report->host), "environment",
                     environment, "convention", json_text(convention), "roots",
                     encode_roots(report->walk), "reports", take(reports));
}

enum status report_upload_send(const struct api_call *call, const struct host_report *report,
                               struct error *err) {
    scoped(cleanup_json) json_t *document = encode(report, call->connection->environment);
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
