// SPDX-License-Identifier: MIT
// Tokens as people see them. What a token may do is given as it was asked for; whether its team has the
// grants is another matter, told by /v1/grants and, for one's own token, by /v1/token.
#include "registryd/api/admin/handlers.h"

#include "registryd/access/access.h"
#include "registryd/request/cursor.h"
#include "registryd/request/query.h"
#include "registryd/api/admin/token_use_cases.h"
#include "registryd/request/body.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

// The store gives scopes as lines, "read\nenvironment:prod"; JSON gets a list.
static json_t *encode_lines(const char *lines) {
    scoped(cleanup_json) json_t *array = json_array();
    struct text rest = text_from(lines);
    struct text line;
    while (array && text_split(&rest, '\n', &line)) {
        if (line.len && json_array_append_new(array, json_stringn(line.ptr, line.len))) {
            return NULL;
        }
    }
    return take(array);
}

// There is no "token" member: only its hash is stored, so the text can be shown once, by
// tokens_add.
static json_t *encode_token(const struct token_info *info) {
    // clang-format off
    return json_pack("{s:I,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}",
                     "id", (json_int_t)info->id,
                     "name", json_text(info->name),
                     "kind", json_text(info->kind),
                     "team", json_text(info->team),
                     "state", json_text(info->state),
                     "scopes", encode_lines(info->scopes),
                     "prefix", json_text(info->name_prefix),
                     "created_at", json_text(info->created_at),
                     "created_by", json_text(info->created_by),
                     "expires_at", json_text(info->expires_at),
                     "last_used_at", json_text(info->last_used_at),
                     "revoked_at", json_text(info->revoked_at),
                     "revoked_by", json_text(info->revoked_by),
                     "revoked_reason", json_text(info->revoked_reason));
    // clang-format on
}

enum status tokens_list(struct api *api, const struct request *request, struct reply *reply,
                        struct findings *findings, struct error *err) {
    static const struct query_rule rules[] = {
        {.name = "team"}, {.name = "limit"}, {.name = "cursor"}};
    (void)findings;
    struct page page;
    struct token_infos infos;
    enum status status = query_begin(api, request, rules, COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    status = cursor_decode(request, &page, err);
    if (status) {
        return status;
    }
    // Ids grow, so the id of the last row is the place to go on. A cursor that is no number becomes
    // 0, the start of the list.
    struct token_query query = {.after = page.after ? strtoll(page.after, NULL, 10) : 0,
                                .team = request_query(request, "team"),
                                .limit = page.limit};
    status = store_tokens_load(api->store, request->arena, &query, &infos, err);
    if (status) {
        return status;
    }
    json_t *items = json_array();
    for (size_t i = 0; items && i < infos.count; i++) {
        if (json_array_append_new(items, encode_token(&infos.items[i]))) {
            json_decref(items);
            items = NULL;
        }
    }
    struct cursor_page answer = {"tokens", items, infos.more, ""};
    if (infos.count) {
        answer.last = arena_printf(request->arena, "%" PRId64, infos.items[infos.count - 1].id);
    }
    return cursor_reply(request, reply, &answer, err);
}

enum status tokens_show(struct api *api, const struct request *request, struct reply *reply,
                        struct findings *findings, struct error *err) {
    (void)findings;
    int64_t id = 0;
    struct token_info info;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = token_read_id(request, &id, err);
    if (status) {
        return status;
    }
    status = token_load(api, request->arena, id, &info, err);
    if (status) {
        return status;
    }
    return reply_json(request, reply, encode_token(&info), err);
}

// NULL: out of memory.
static json_t *encode_rights(const struct right *rights, size_t count) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < count; i++) {
        json_t *item = json_pack("{s:s,s:o}", "scope", scope_name(rights[i].scope), "object",
                                 json_text(rights[i].object));
        if (json_array_append_new(array, item)) {
            return NULL;
        }
    }
    return take(array);
}

// GET /v1/token: what the token of the request may do. The scopes are what was asked for when it
// was created; a right also needs a grant of the team, so the grants are in the answer, too; `may` is what
// is left of both.
enum status tokens_show_own(struct api *api, const struct request *request, struct reply *reply,
                            struct findings *findings, struct error *err) {
    (void)findings;
    struct token_info info;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = token_load(api, request->arena, request->rights->token_id, &info, err);
    if (status) {
        return status;
    }
    struct right *may = NULL;
    size_t count = 0;
    status = rights_effective(request->arena, request->rights, &may, &count, err);
    if (status) {
        return status;
    }
    const struct rights *rights = request->rights;
    json_t *json = encode_token(&info);
    if (json &&
        (json_object_set_new(json, "grants", encode_rights(rights->grants, rights->grant_count)) ||
         json_object_set_new(json, "may", encode_rights(may, count)))) {
        json_decref(json);
        json = NULL;
    }
    return reply_json(request, reply, json, err);
}

enum status tokens_add(struct api *api, const struct request *request, struct reply *reply,
                       struct findings *findings, struct error *err) {
    static const struct object_member members[] = {
        {"name", MEMBER_LINE, offsetof(struct token_wish, name), .required = true,
         .max = LIMIT_NAME_BYTES},
        {"team", MEMBER_LINE, offsetof(struct token_wish, team), .max = LIMIT_NAME_BYTES},
        {"kind", MEMBER_LINE, offsetof(struct token_wish, kind), .max = LIMIT_NAME_BYTES},
        {"scopes", MEMBER_STRINGS, offsetof(struct token_wish, scopes)},
        {"prefix", MEMBER_LINE, offsetof(struct token_wish, prefix), .max = LIMIT_NAME_BYTES},
        {"days", MEMBER_INTEGER, offsetof(struct token_wish, days), .min = 1,
         .max = TOKEN_DAYS_MAX},
        {"grant", MEMBER_FLAG, offsetof(struct token_wish, is_granting)},
        {"needs_right", MEMBER_FLAG, offsetof(struct token_wish, needs_right)},
    };
    static const struct body_form form = {"A token", members, COUNT_OF(members),
                                          LIMIT_SMALL_BODY_BYTES};
    struct token_wish wish = {.days = TOKEN_DAYS, .actor = request->actor};
    struct issued_token token;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = body_decode(request, &form, findings, &wish, err);
    if (status) {
        return status;
    }
    status = token_issue(api, &wish, findings, &token, err);
    if (status) {
        return status;
    }
    json_t *json = encode_token(&token.info);
    if (json &&
        (json_object_set_new(json, "token", json_string(token.text)) ||
         json_object_set_new(json, "may", encode_rights(token.reach.may, token.reach.may_count)))) {
        json_decref(json);
        json = NULL;
    }
    status = reply_json(request, reply, json, err);
    // The only JSON reply that holds a token in clear. POST gets no entity tag (reply_json).
    reply->http_status = 201;
    reply->location = arena_printf(request->arena, "/v1/tokens/%" PRId64, token.info.id);
    reply->serial = token.serial;
    return status;
}

static enum status reply_revoked(const struct request *request, struct reply *reply,
                                 const struct revoked_token *token, struct error *err) {
    // clang-format off
    json_t *json = json_pack("{s:I,s:o,s:o,s:o,s:b}",
                             "id", (json_int_t)token->id,
                             "name", json_text(token->name),
                             "team", json_text(token->team),
                             "revoked_at", json_text(token->revoked_at),
                             "revoked_now", token->revoked_now);
    // clang-format on
    if (token->revoked_now) {
        reply->serial = token->serial;
    }
    return reply_json(request, reply, json, err);
}

enum status tokens_revoke(struct api *api, const struct request *request, struct reply *reply,
                          struct findings *findings, struct error *err) {
    static const struct object_member members[] = {{"reason", MEMBER_LINE,
                                                    offsetof(struct revocation, reason),
                                                    .max = LIMIT_SHORT_TEXT_BYTES}};
    static const struct body_form form = {"A revocation", members, COUNT_OF(members),
                                          LIMIT_SMALL_BODY_BYTES, .may_be_empty = true};
    struct revocation revocation = {.actor = request->actor};
    struct revoked_token token;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = token_read_id(request, &revocation.id, err);
    if (status) {
        return status;
    }
    status = body_decode(request, &form, findings, &revocation, err);
    if (status) {
        return status;
    }
    status = token_revoke(api, request->arena, &revocation, &token, err);
    if (status) {
        return status;
    }
    return reply_revoked(request, reply, &token, err);
}

// The token's text is the only right that is needed, and revoking is never paced: a leaked token must be
// revocable from an address that is full of failures. An unknown token gets the same form of answer.
enum status tokens_revoke_leaked(struct api *api, const struct request *request,
                                 struct reply *reply, struct findings *findings,
                                 struct error *err) {
    static const struct object_member members[] = {
        {"token", MEMBER_LINE, 0, .required = true, .max = LIMIT_SHORT_TEXT_BYTES}};
    static const struct body_form form = {"A leaked token", members, COUNT_OF(members),
                                          LIMIT_SMALL_BODY_BYTES};
    const char *leaked = NULL;
    struct revoked_token token = {0};
    uint8_t hash[32];
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = body_decode(request, &form, findings, &leaked, err);
    if (status) {
        return status;
    }
    struct text text = text_from(leaked);
    // Not even a look-up: a text of another form was never a token of ours.
    if (!token_is_well_formed(text)) {
        return reply_json(request, reply, json_pack("{s:b}", "revoked", false), err);
    }
    token_hash(text, hash);
    struct revocation revocation = {
        .hash = hash, .actor = "a holder of the token", .reason = "reported as leaked"};
    status = token_revoke(api, request->arena, &revocation, &token, err);
    if (status && status != STATUS_NOT_FOUND) {
        return status;
    }
    // True for every token that the registry knows, also for one that was revoked before.
    return reply_json(request, reply, json_pack("{s:b}", "revoked", status == STATUS_OK), err);
}
