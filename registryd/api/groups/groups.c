// SPDX-License-Identifier: MIT
// Groups come from the store page by page; one group's entry points come from the index, as any host
// without wishes would get them, and its contract from the store.
#include "registryd/api/groups/handlers.h"

#include "registryd/api/groups/contracts.h"
#include "registryd/request/cursor.h"
#include "registryd/request/query.h"
#include "schema/json/json.h"
#include "schema/packaging/entry_point.h"
#include "schema/record.h"
#include "schema/base/list.h"

static json_t *encode_rows(const struct group_rows *rows) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < rows->count; i++) {
        const struct group_row *row = &rows->items[i];
        json_t *item = json_pack("{s:o,s:I,s:I}", "name", json_text(row->name), "packages",
                                 (json_int_t)row->package_count, "entry_points",
                                 (json_int_t)row->entry_point_count);
        if (json_array_append_new(array, item)) {
            return NULL;
        }
    }
    return take(array);
}

enum status groups_list(struct api *api, const struct request *request, struct reply *reply,
                        struct findings *findings, struct error *err) {
    (void)findings;
    static const struct query_rule rules[] = {{.name = "limit"}, {.name = "cursor"}};
    struct page page;
    struct group_rows rows;
    enum status status = query_begin(api, request, rules, COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    status = cursor_decode(request, &page, err);
    if (status) {
        return status;
    }
    status = store_groups_load(api->store, request->arena, &page, &rows, err);
    if (status) {
        return status;
    }
    const char *last = rows.count ? rows.items[rows.count - 1].name : "";
    struct cursor_page answer = {"groups", encode_rows(&rows), rows.more, last};
    return cursor_reply(request, reply, &answer, err);
}

static json_t *encode_records(const struct records *records) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < records->count; i++) {
        const struct record *record = &records->items[i];
        // clang-format off
        json_t *item = json_pack("{s:o,s:o,s:o,s:o,s:o}",
                                 "name", json_text(record->name),
                                 "value", json_text(record->value),
                                 "package", json_text(record->package),
                                 "version", json_text(record->version),
                                 "origin", json_text(record->origin));
        // clang-format on
        if (json_array_append_new(array, item)) {
            return NULL;
        }
    }
    return take(array);
}

// The records of one group, out of the index's answer.
static enum status load_records(struct api *api, const struct request *request, const char *group,
                                struct records *ret_records, struct error *err) {
    const struct resolve_query query = {.groups = &group, .group_count = 1};
    const struct answer *answer = NULL;
    enum status status = index_resolve(api->index, &query, &answer, err);
    if (status) {
        return status;
    }
    scoped(cleanup_json) json_t *json =
        json_loadb(answer->body, answer->body_len, JSON_REJECT_DUPLICATES, NULL);
    answer_unref(answer);
    if (!json) {
        return fail_no_memory(err);
    }
    return records_decode(request->arena, json_object_get(json, "records"), ret_records, err);
}

// null for a group without one.
static json_t *encode_contract(const struct contract_rows *rows) {
    if (!rows->count) {
        return json_null();
    }
    scoped(cleanup_json) json_t *contract = contract_encode(&rows->items[0].contract);
    if (!contract ||
        json_object_set_new(contract, "updated_at", json_text(rows->items[0].updated_at)) ||
        json_object_set_new(contract, "updated_by", json_text(rows->items[0].updated_by))) {
        return NULL;
    }
    return take(contract);
}

struct group_view {
    struct records records;
    struct contract_rows contracts;
    bool is_away; // the entry points are in memory, but the contract could not be asked for
};

// A name that cannot be stored is not asked for: nothing is in such a group.
static enum status load_view(struct api *api, const struct request *request, const char *group,
                             struct group_view *ret_view, struct error *err) {
    struct group_view view = {0};
    if (!entry_point_group_may_be_stored(text_from(group))) {
        *ret_view = view;
        return STATUS_OK;
    }
    enum status status = load_records(api, request, group, &view.records, err);
    if (status) {
        return status;
    }
    status = store_contracts_load(api->store, request->arena, &group, 1, &view.contracts, err);
    view.is_away = status == STATUS_UNAVAILABLE && view.records.count;
    if (status && !view.is_away) {
        return status;
    }
    *ret_view = view;
    return STATUS_OK;
}

enum status groups_show(struct api *api, const struct request *request, struct reply *reply,
                        struct findings *findings, struct error *err) {
    (void)findings;
    const char *group = request_path(request, "group");
    struct group_view view;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = load_view(api, request, group, &view, err);
    if (status) {
        return status;
    }
    if (!view.records.count && !view.contracts.count) {
        return fail(err, STATUS_NOT_FOUND, NULL,
                    "The group \"%s\" does not exist: no package has entry points in it, and it "
                    "has no contract.",
                    group);
    }
    scoped(cleanup_json) json_t *json =
        json_pack("{s:s,s:o}", "name", group, "entry_points", encode_records(&view.records));
    if (!view.is_away && json_object_set_new(json, "contract", encode_contract(&view.contracts))) {
        return fail_no_memory(err);
    }
    return reply_json(request, reply, take(json), err);
}
