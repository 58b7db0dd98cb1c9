// SPDX-License-Identifier: MIT
// Names that are kept free, and the owner of a package. A reservation holds for new packages only: published ones keep
// their owner. What a name looks like is compared by the store, in the transaction that publishes; here the name
// is only normalised.
#include "registryd/api/admin/handlers.h"

#include "registryd/request/body.h"
#include "registryd/request/cursor.h"
#include "registryd/request/document.h"
#include "registryd/request/query.h"
#include "registryd/api/admin/token_use_cases.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

static json_t *encode_row(const struct reserved_row *row) {
    // clang-format off
    return json_pack("{s:o,s:b,s:o,s:o,s:o,s:o}",
                     "name", json_text(row->name),
                     "prefix", row->is_prefix,
                     "team", json_text(row->team),
                     "reason", json_text(row->reason),
                     "created_at", json_text(row->created_at),
                     "created_by", json_text(row->created_by));
    // clang-format on
}

static json_t *encode_rows(const struct reserved_rows *rows) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < rows->count; i++) {
        if (json_array_append_new(array, encode_row(&rows->items[i]))) {
            return NULL;
        }
    }
    return take(array);
}

enum status reserved_names_list(struct api *api, const struct request *request, struct reply *reply,
                                struct findings *findings, struct error *err) {
    static const struct query_rule rules[] = {{.name = "limit"}, {.name = "cursor"}};
    (void)findings;
    struct page page;
    struct reserved_rows rows;
    enum status status = query_begin(api, request, rules, COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    status = cursor_decode(request, &page, err);
    if (status) {
        return status;
    }
    status = store_reserved_load(api->store, request->arena, &page, &rows, err);
    if (status) {
        return status;
    }
    struct cursor_page answer = {"reserved_names", encode_rows(&rows), rows.more,
                                 rows.count ? rows.items[rows.count - 1].name : ""};
    return cursor_reply(request, reply, &answer, err);
}

static enum status reply_name(const struct request *request, struct reply *reply,
                              const struct reserved_row *row, bool is_reserved, int64_t serial,
                              struct error *err) {
    // clang-format off
    json_t *json = json_pack("{s:o,s:b,s:o,s:b}",
                             "name", json_text(row->name),
                             "prefix", row->is_prefix,
                             "team", json_text(row->team),
                             "reserved", is_reserved);
    // clang-format on
    reply->serial = serial;
    return reply_json(request, reply, json, err);
}

// Teams are named as tokens are.
// An owner or reservation for a team that has no token yet is allowed: a name is often reserved
// before its team starts to publish.
static void decode_team(struct object_reader *reader, const char *where, const json_t *value,
                        void *target) {
    struct reserved_row *row = target;
    struct error why;
    row->team = object_text(reader, where, value, LIMIT_NAME_BYTES, true);
    if (row->team && token_check_name(row->team, where, &why)) {
        object_add_cause(reader, "name-invalid", where, &why);
    }
}

enum status reserved_names_add(struct api *api, const struct request *request, struct reply *reply,
                               struct findings *findings, struct error *err) {
    static const struct object_member members[] = {
        {"prefix", MEMBER_FLAG, offsetof(struct reserved_row, is_prefix)},
        {"team", MEMBER_CUSTOM, .decode = decode_team},
        {"reason", MEMBER_LINE, offsetof(struct reserved_row, reason),
         .max = LIMIT_SHORT_TEXT_BYTES},
    };
    static const struct body_form form = {"A reservation", members, COUNT_OF(members),
                                          LIMIT_SMALL_BODY_BYTES, .may_be_empty = true};
    // The body may be empty, so every member has a default: the exact name, reserved for no team.
    struct reserved_row row = {.reason = "no reason given", .created_by = request->actor};
    int64_t serial = 0;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = document_package_path(request, STATUS_INVALID, &row.name, err);
    if (status) {
        return status;
    }
    status = body_decode(request, &form, findings, &row, err);
    if (status) {
        return status;
    }
    status = store_reserve(api->store, &row, &serial, err);
    return status ? status : reply_name(request, reply, &row, true, serial, err);
}

// An address that names nothing is 404 here and 422 in reserved_names_add: DELETE names a thing
// that must be there, PUT describes a thing that is not allowed.
enum status reserved_names_remove(struct api *api, const struct request *request,
                                  struct reply *reply, struct findings *findings,
                                  struct error *err) {
    (void)findings;
    struct reserved_row row = {0};
    int64_t serial = 0;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = document_package_path(request, STATUS_NOT_FOUND, &row.name, err);
    if (status) {
        return status;
    }
    status = store_unreserve(api->store, row.name, request->actor, &serial, err);
    if (status) {
        return status;
    }
    return reply_name(request, reply, &row, false, serial, err);
}

enum status package_owner_set(struct api *api, const struct request *request, struct reply *reply,
                              struct findings *findings, struct error *err) {
    static const struct object_member members[] = {
        {"team", MEMBER_CUSTOM, .required = true, .decode = decode_team}};
    static const struct body_form form = {"An owner", members, COUNT_OF(members),
                                          LIMIT_SMALL_BODY_BYTES};
    struct reserved_row owner = {0};
    const char *package = NULL;
    int64_t serial = 0;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = document_package_path(request, STATUS_NOT_FOUND, &package, err);
    if (status) {
        return status;
    }
    status = body_decode(request, &form, findings, &owner, err);
    if (status) {
        return status;
    }
    status = store_owner_set(api->store, package, owner.team, request->actor, &serial, err);
    if (status) {
        return status;
    }
    if (serial) {
        reply->serial = serial;
    }
    json_t *json =
        json_pack("{s:s,s:s,s:b}", "package", package, "owner", owner.team, "changed", serial != 0);
    return reply_json(request, reply, json, err);
}
