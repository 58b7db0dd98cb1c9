// SPDX-License-Identifier: MIT
// Grants are their own addresses, /v1/grants/{team}/{scope}/{object}: adding and removing may be
// repeated.
// That makes PUT and DELETE idempotent without a look before: the answer says "changed": false when
// the registry was in that state already.
#include "registryd/api/admin/handlers.h"

#include "registryd/access/access.h"
#include "registryd/request/cursor.h"
#include "registryd/request/query.h"
#include "registryd/api/admin/token_use_cases.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/json/json.h"

#include <string.h>

enum { IMPORT_SECONDS = 24 * 3600 }; // that a team may import, unless the request says another time

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
    struct grant_row grant = {.team = request_path(request, "team"),
                              .scope = request_path(request, "scope"),
                              .object = request_path(request, "object"),
                              .created_by = request->actor};
    struct right right;
    enum status status = token_check_name(grant.team, "/team", err);
    if (status) {
        return status;
    }
    status = right_parse(request->arena, text_from(grant.scope), &right, err);
    if (status) {
        return status;
    }
    // "environment:prod" is a scope with its object in a token. In this address the object has a
    // segment of its own.
    if (strcmp(grant.scope, scope_name(right.scope)) != 0) {
        status =
            fail(err, STATUS_INVALID, "/scope", "Give the object as a part of the address: %s/%s",
                 scope_name(right.scope), right.object);
    }
    if (status) {
        return status;
    }
    status = right_check_object(right.scope, grant.object, err);
    if (status) {
        return status;
    }
    *ret_grant = grant;
    return STATUS_OK;
}

// How long a grant lasts. An import is granted for some time: it lifts limits that protect the registry.
static enum status read_seconds(const struct request *request, struct grant_row *grant,
                                struct error *err) {
    bool is_import = strcmp(grant->scope, scope_name(SCOPE_IMPORT)) == 0;
    const struct query_range range = {.name = "for_seconds",
                                      .min = is_import,
                                      .max = is_import ? LIMIT_GRANT_SECONDS : LIMIT_AGE_SECONDS,
                                      .fallback = is_import ? IMPORT_SECONDS : 0};
    return query_integer(request, &range, &grant->seconds, err);
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

// No serial means that nothing was changed. Otherwise readers whose rights are remembered must be
// forgotten before the answer: a client that reads it must find the grant in force.
static void take_effect(struct api *api, struct reply *reply, int64_t serial) {
    if (serial) {
        reply->serial = serial;
        access_forget(api, serial);
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
    status = read_seconds(request, &grant, err);
    if (status) {
        return status;
    }
    status = store_grant_add(api->store, request->arena, &grant, &outcome, err);
    if (status) {
        return status;
    }
    take_effect(api, reply, outcome.serial);
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
    status = store_grant_remove(api->store, &grant, &outcome.serial, err);
    if (status) {
        return status;
    }
    take_effect(api, reply, outcome.serial);
    return reply_grant(request, reply, &grant, false, &outcome, err);
}
