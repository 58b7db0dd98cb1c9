// SPDX-License-Identifier: MIT
// Taking a report. It is no change of the registry: resolutions do not depend on it, so the serial
// stays and nobody who follows the feed is woken by a fleet that reports every minute.
#include "registryd/api/reports/reports.h"

#include "registryd/access/access.h"
#include "registryd/access/limits.h"
#include "registryd/request/document.h"
#include "registryd/request/query.h"
#include "registryd/api/reports/report_document.h"
#include "registryd/store/store_environments.h"
#include "schema/json/json.h"

static json_t *encode_standings(const struct report_statuses *standings) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < standings->count; i++) {
        const struct report_status *standing = &standings->items[i];
        // clang-format off
        json_t *item = json_pack("{s:o,s:b,s:o,s:I}",
                                 "group", json_text(standing->group),
                                 "equal", standing->equal,
                                 "equal_since", json_text(standing->equal_since),
                                 "reports", (json_int_t)standing->report_count);
        // clang-format on
        if (json_array_append_new(array, item)) {
            return NULL;
        }
    }
    return take(array);
}

static enum status refuse_pace(const struct request *request, const char *host, int wait_s,
                               struct error *err) {
    *request->retry_after_s = wait_s;
    return fail(err, STATUS_TOO_MANY, NULL,
                "The token \"%s\" sends too many reports%s%s. Retry in %d seconds.", request->actor,
                host ? " about the host " : "", host ? host : "", wait_s);
}

// Before the body is parsed.
static enum status check_token_pace(struct api *api, const struct request *request,
                                    struct error *err) {
    uint64_t key = limits_key_number(api->limits, request->rights->token_id);
    int wait_s = request->rights->is_admin
                     ? 0
                     : limits_take(api->limits, LIMIT_ON_REPORTS, key, limits_now_ns());
    return wait_s ? refuse_pace(request, NULL, wait_s, err) : STATUS_OK;
}

// Whether the token may report about this host, so often and so much.
static enum status check_host(struct api *api, const struct request *request, const char *host,
                              struct error *err) {
    const struct access_check_args query = {ACCESS_REPORT, host};
    enum status status = access_require(api, request->arena, request->rights, &query, err);
    if (status || request->rights->is_admin) {
        return status;
    }
    uint64_t key = limits_key_pair(api->limits, request->rights->token_id, host);
    int64_t now_ns = limits_now_ns();
    int wait_s = limits_take(api->limits, LIMIT_ON_HOST_REPORTS, key, now_ns);
    if (!wait_s) {
        wait_s = limits_take_many(api->limits, LIMIT_ON_HOST_BYTES, key,
                                  (int64_t)(request->body.len / 1024) + 1, now_ns);
    }
    return wait_s ? refuse_pace(request, host, wait_s, err) : STATUS_OK;
}

// A misspelt environment would stand in the transition for ever as one that nobody switches.
static enum status check_environment(struct api *api, struct arena *arena,
                                     const struct report_batch *batch, struct findings *findings,
                                     struct error *err) {
    struct environment_detail detail;
    size_t errors_before = findings->error_count;
    enum status status =
        store_environment_load(api->store, arena, batch->environment, 0, &detail, err);
    if (status != STATUS_NOT_FOUND) {
        return status;
    }
    findings_add(findings, SEVERITY_ERROR, "environment-unknown", "/environment", NULL,
                 "There is no environment \"%s\"", batch->environment);
    return findings_fail(findings, errors_before, err);
}

enum status reports_add(struct api *api, const struct request *request, struct reply *reply,
                        struct findings *findings, struct error *err) {
    struct report_batch batch;
    struct report_statuses standings;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (!status) {
        status = document_check_json(request, "A report", err);
    }
    if (!status) {
        status = check_token_pace(api, request, err);
    }
    if (!status) {
        status = report_decode(request, findings, &batch, err);
    }
    if (!status) {
        status = check_host(api, request, batch.host, err);
    }
    if (!status) {
        status = check_environment(api, request->arena, &batch, findings, err);
    }
    if (!status) {
        batch.actor = request->actor;
        status = store_reports_add(api->store, request->arena, &batch, &standings, err);
    }
    if (status) {
        return status;
    }
    // clang-format off
    json_t *json = json_pack("{s:o,s:o,s:o,s:o}",
                             "host", json_text(batch.host),
                             "environment", json_text(batch.environment),
                             "groups", encode_standings(&standings),
                             "warnings", findings_encode(findings, SEVERITY_WARNING));
    // clang-format on
    reply->http_status = 201;
    return reply_json(request, reply, json, err);
}
