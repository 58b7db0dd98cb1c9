// SPDX-License-Identifier: MIT
// Grants are their own addresses, /v1/grants/{team}/{scope}/{object}: adding and removing may be
// repeated.
// That makes PUT and DELETE idempotent without a look before: the answer says "changed": false when
// the registry was in that state already.
#include "registryd/api/admin/handlers.h"

#include "registryd/api/admin/grant_use_cases.h"
#include "registryd/request/cursor.h"
#include "registryd/request/query.h"
#include "schema/base/list.h"
#include "schema/json/json.h"

static json_t *encode_grant(const struct grant_row *row) {
    // clang-format off
    return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o}",
                     "team", json_text(row->team),
                     "scope", json_text(row->scope),
                     "object", json_text(row->object),
                     "created_at", json_text(row->created_at),
                     "created_by", json_text(row->created_by),
                     "expires_at", json_text(row->expires_at));
    // clang-format on
}

static json_t *encode_grants(const struct grant_rows *rows) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < rows->count; i++) {
        if (json_array_append_new(array, encode_grant(&rows->items[i]))) {
            return NULL;
        }
    }
    return take(array);
}

enum status grants_list(struct api *api, const struct request *request, struct reply *reply,
                        struct findings *findings, struct error *err) {
    static const struct query_rule rules[] = {
        {.name = "team"}, {.name = "limit"}, {.name = "cursor"}};
    (void)findings;
    struct page page;
    struct grant_rows rows;
    enum status status = query_begin(api, request, rules, COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    status = cursor_decode(request, &page, err);
    if (status) {
        return status;
    }
    status = store_grants_load(api->store, request->arena, &page, request_query(request, "team"),
                               &rows, err);
    if (status) {
        return status;
    }
    // The place of a row in this list has three parts, because a team has many grants:
    // "team\nscope\nobject". No part can hold a newline, so the store can cut it again.
    struct cursor_page answer = {"grants", encode_grants(&rows), rows.more, ""};
    if (rows.count) {
        const struct grant_row *last = &rows.items[rows.count - 1];
        answer.last =
            arena_printf(request->arena, "%s\n%s\n%s", last->team, last->scope, last->object);
    }
    return cursor_reply(request, reply, &answer, err);
}

static enum status read_grant(const struct request *request, struct grant_row *ret_grant,
                              struct error *err) {
    *ret_grant = (struct grant_row){.team = request_path(request, "team"),
                                    .scope = request_path(request, "scope"),
                                    .object = request_path(request, "object"),
                                    .created_by = request->actor};
    return grant_check(request->arena, ret_grant, err);
}

static enum status reply_grant(const struct request *request, struct reply *reply,
                               const struct grant_row *grant, bool is_granted,
                               const struct grant_outcome *outcome, struct error *err) {
    // clang-format off
    json_t *json = json_pack("{s:o,s:o,s:o,s:o,s:b,s:b}",
                             "team", json_text(grant->team),
                             "scope", json_text(grant->scope),
                             "object", json_text(grant->object),
                             "expires_at", json_text(outcome->expires_at),
                             "granted", is_granted,
                             "changed", outcome->serial != 0);
    // clang-format on
    return reply_json(request, reply, json, err);
}

// No serial means that nothing was changed.
static void say_serial(struct reply *reply, int64_t serial) {
    if (serial) {
        reply->serial = serial;
    }
}

enum status grants_add(struct api *api, const struct request *request, struct reply *reply,
                       struct findings *findings, struct error *err) {
    static const struct query_rule rules[] = {{.name = "for_seconds"}};
    (void)findings;
    struct grant_row grant;
    struct grant_outcome outcome;
    enum status status = query_begin(api, request, rules, COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    status = read_grant(request, &grant, err);
    if (status) {
        return status;
    }
    const struct query_range range = grant_seconds_range(grant.scope);
    status = query_integer(request, &range, &grant.seconds, err);
    if (status) {
        return status;
    }
    status = grant_add(api, request->arena, &grant, &outcome, err);
    if (status) {
        return status;
    }
    say_serial(reply, outcome.serial);
    return reply_grant(request, reply, &grant, true, &outcome, err);
}

enum status grants_remove(struct api *api, const struct request *request, struct reply *reply,
                          struct findings *findings, struct error *err) {
    (void)findings;
    struct grant_row grant;
    struct grant_outcome outcome = {0};
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = read_grant(request, &grant, err);
    if (status) {
        return status;
    }
    status = grant_remove(api, &grant, &outcome.serial, err);
    if (status) {
        return status;
    }
    say_serial(reply, outcome.serial);
    return reply_grant(request, reply, &grant, false, &outcome, err);
}
