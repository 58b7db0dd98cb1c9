// SPDX-License-Identifier: MIT
// Taking a report. It is no change of the registry: resolutions do not depend on it, so the serial
// stays, and followers of the feed are not woken by a fleet that reports every minute.
#include "registryd/api/reports/handlers.h"

#include "registryd/access/access.h"
#include "registryd/access/limits.h"
#include "registryd/request/document.h"
#include "registryd/request/query.h"
#include "registryd/api/reports/report_document.h"
#include "registryd/store/store_environments.h"
#include "schema/json/json.h"
#include "registryd/request/cursor.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"

#include <string.h>

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
        // Beside the number also the size is bounded: each report is kept, and one a minute can
        // still be large.
        wait_s = limits_take_many(api->limits, LIMIT_ON_HOST_BYTES, key,
                                  (int64_t)(request->body.len / 1024) + 1, now_ns);
    }
    return wait_s ? refuse_pace(request, host, wait_s, err) : STATUS_OK;
}

// A misspelt environment would stay in the transition for ever, as one that is never switched.
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

// Two empty sides agree about nothing. Mostly the group is misspelt, and the report would be kept as that of a group
// which is never safe to switch.
static enum status check_empty(struct api *api, struct arena *arena,
                               const struct report_batch *batch, struct findings *findings,
                               struct error *err) {
    size_t errors_before = findings->error_count;
    for (size_t i = 0; i < batch->count && !batch->allow_empty; i++) {
        struct strings near = {0};
        if (!batch->items[i].is_empty) {
            continue;
        }
        const struct near_names_query query = {NEAR_GROUPS, batch->items[i].group, 1};
        enum status status = store_names_near_load(api->store, arena, &query, &near, err);
        if (status) {
            return status;
        }
        const char *hint =
            "Correct the name, or send \"allow_empty\": true if the group is meant to "
            "be empty";
        findings_add(
            findings, SEVERITY_ERROR, "report-empty", json_pointer_index(arena, "/reports", i),
            near.count ? arena_printf(arena, "Did you mean \"%s\"? %s", near.items[0], hint) : hint,
            "Neither the directories nor the registry have an entry point of the group "
            "\"%s\"",
            batch->items[i].group);
    }
    return findings_fail(findings, errors_before, err);
}

enum status reports_add(struct api *api, const struct request *request, struct reply *reply,
                        struct findings *findings, struct error *err) {
    struct report_batch batch;
    struct report_statuses standings;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = document_check_json(request, "A report", err);
    if (status) {
        return status;
    }
    status = check_token_pace(api, request, err);
    if (status) {
        return status;
    }
    status = report_decode(request, findings, &batch, err);
    if (status) {
        return status;
    }
    status = check_host(api, request, batch.host, err);
    if (status) {
        return status;
    }
    status = check_environment(api, request->arena, &batch, findings, err);
    if (status) {
        return status;
    }
    status = check_empty(api, request->arena, &batch, findings, err);
    if (status) {
        return status;
    }
    batch.actor = request->actor;
    status = store_reports_add(api->store, request->arena, &batch, &standings, err);
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

// ---- GET /v1/transition ----

// Rows of hosts, put together by group. The answer comes from the database as it is now: reports have
// no serial to wait for.

static const struct query_rule rules[] = {
    {.name = "group", .repeats = true},
    {.name = "host"},
    {.name = "limit"},
    {.name = "cursor"},
};

static enum status decode(const struct request *request, struct transition_query *query,
                          struct error *err) {
    const char *const *names = NULL;
    enum status status = cursor_decode(request, &query->page, err);
    if (status) {
        return status;
    }
    status = query_groups(request, &names, &query->group_count, err);
    if (status) {
        return status;
    }
    struct text *groups = arena_array(request->arena, query->group_count + 1, sizeof *groups);
    if (!groups) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < query->group_count; i++) {
        groups[i] = text_from(names[i]);
    }
    query->groups = groups;
    query->host = request_query(request, "host");
    return STATUS_OK;
}

static json_t *encode_host(const struct transition_row *row) {
    scoped(cleanup_json) json_t *summary = json_loads(row->summary, JSON_REJECT_DUPLICATES, NULL);
    // clang-format off
    scoped(cleanup_json) json_t *host = json_pack("{s:o,s:o,s:b,s:o,s:b,s:o,s:o,s:o,s:I}",
                                                  "host", json_text(row->host),
                                                  "environment", json_text(row->environment),
                                                  "equal", row->equal,
                                                  "equal_since", json_text(row->equal_since),
                                                  "safe", row->safe,
                                                  "first_report_at", json_text(row->first_report_at),
                                                  "last_report_at", json_text(row->last_report_at),
                                                  "reported_by", json_text(row->reported_by),
                                                  "reports", (json_int_t)row->report_count);
    // clang-format on
    if (!host || !summary || json_object_update(host, summary)) {
        return NULL;
    }
    return take(host);
}

// A group is equal when all its hosts agree, and at least one of them has an entry point: group_equal_since
// is NULL otherwise. It is safe to switch when each of them has agreed for as long as it asked for.
//
//     group  crm.importers   equal_since 2026-05-01   hosts_equal 2 of 2
//         host  web-1  equal
//         host  web-2  equal
//
static json_t *encode_group(const struct transition_row *row) {
    // clang-format off
    return json_pack("{s:o,s:b,s:o,s:b,s:o,s:I,s:I,s:I,s:[]}",
                     "group", json_text(row->group),
                     "equal", row->group_equal_since != NULL,
                     "equal_since", json_text(row->group_equal_since),
                     "safe", transition_is_safe(row),
                     "safe_after", json_text(row->group_safe_after),
                     "hosts_total", (json_int_t)row->hosts_total,
                     "hosts_equal", (json_int_t)row->hosts_equal,
                     "hosts_safe", (json_int_t)row->hosts_safe,
                     "hosts");
    // clang-format on
}

static json_t *encode_groups(const struct transition_rows *rows) {
    scoped(cleanup_json) json_t *groups = json_array();
    json_t *group = NULL;
    for (size_t i = 0; groups && i < rows->count; i++) {
        const struct transition_row *row = &rows->items[i];
        bool begins = !i || strcmp(rows->items[i - 1].group, row->group) != 0;
        // Rows come sorted by group. A page may end within a group; the next page begins with the
        // same group and its remaining hosts, and the totals come from the store, not from counting
        // here.
        if (begins) {
            group = encode_group(row);
        }
        if ((begins && json_array_append_new(groups, group)) ||
            json_array_append_new(json_object_get(group, "hosts"), encode_host(row))) {
            return NULL;
        }
    }
    return take(groups);
}

enum status transition_show(struct api *api, const struct request *request, struct reply *reply,
                            struct findings *findings, struct error *err) {
    (void)findings;
    struct transition_query query = {0};
    struct transition_rows rows;
    enum status status = query_begin(api, request, rules, COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    status = decode(request, &query, err);
    if (status) {
        return status;
    }
    status = store_transition_load(api->reading, request->arena, &query, &rows, err);
    if (status) {
        return status;
    }
    const struct transition_row *last = rows.count ? &rows.items[rows.count - 1] : NULL;
    const char *place = last ? arena_printf(request->arena, "%s\n%s\n%s", last->group, last->host,
                                            last->environment)
                             : "";
    struct cursor_page answer = {"groups", encode_groups(&rows), rows.more, place};
    return cursor_reply(request, reply, &answer, err);
}
