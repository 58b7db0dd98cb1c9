// SPDX-License-Identifier: MIT
// Rows of hosts, put together by group. The answer comes from the database as it is now: reports have
// no serial to wait for.
#include "registryd/api/reports/transition.h"

#include "registryd/request/cursor.h"
#include "registryd/request/query.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

#include <string.h>

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
    if (!status) {
        status = query_groups(request, &names, &query->group_count, err);
    }
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
    scoped(cleanup_json) json_t *host = json_pack("{s:o,s:o,s:b,s:o,s:o,s:o,s:o,s:I}",
                                                  "host", json_text(row->host),
                                                  "environment", json_text(row->environment),
                                                  "equal", row->equal,
                                                  "equal_since", json_text(row->equal_since),
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

// A group is safe to switch when all its hosts agree, and at least one of them has an entry point:
// group_equal_since is NULL otherwise.
static json_t *encode_group(const struct transition_row *row) {
    // clang-format off
    return json_pack("{s:o,s:b,s:o,s:I,s:I,s:[]}",
                     "group", json_text(row->group),
                     "equal", row->group_equal_since != NULL,
                     "equal_since", json_text(row->group_equal_since),
                     "hosts_total", (json_int_t)row->hosts_total,
                     "hosts_equal", (json_int_t)row->hosts_equal,
                     "hosts");
    // clang-format on
}

static json_t *encode_groups(const struct transition_rows *rows) {
    scoped(cleanup_json) json_t *groups = json_array();
    json_t *group = NULL;
    for (size_t i = 0; groups && i < rows->count; i++) {
        const struct transition_row *row = &rows->items[i];
        bool begins = !i || strcmp(rows->items[i - 1].group, row->group) != 0;
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
    if (!status) {
        status = decode(request, &query, err);
    }
    if (!status) {
        status = store_transition_load(api->store, request->arena, &query, &rows, err);
    }
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
