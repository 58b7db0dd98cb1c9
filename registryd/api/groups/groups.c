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
    status = store_groups_load(api->reading, request->arena, &page, &rows, err);
    if (status) {
        return status;
    }
    const char *last = rows.count ? rows.items[rows.count - 1].name : "";
    struct cursor_page answer = {"groups", encode_rows(&rows), rows.more, last};
    return cursor_reply(request, reply, &answer, err);
}

static bool add_string(struct buffer *body, const char *before, const char *text) {
    buffer_add_string(body, before);
    return json_write_string(body, text, strlen(text));
}

// Written as text, one record at a time: a group may have very many entry points.
static bool add_records(struct buffer *body, const struct records *records) {
    bool is_good = true;
    buffer_add_string(body, ",\"entry_points\":[");
    for (size_t i = 0; i < records->count && is_good; i++) {
        const struct record *record = &records->items[i];
        buffer_add_string(body, i ? "," : "");
        is_good = add_string(body, "{\"name\":", record->name) &&
                  add_string(body, ",\"value\":", record->value) &&
                  add_string(body, ",\"package\":", record->package) &&
                  add_string(body, ",\"version\":", record->version) &&
                  add_string(body, ",\"origin\":", record->origin);
        buffer_add_string(body, "}");
    }
    buffer_add_string(body, "]");
    return is_good;
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

static enum status fail_absent(const char *group, struct error *err) {
    return fail(err, STATUS_NOT_FOUND, NULL,
                "The group \"%s\" does not exist: no package has entry points in it, and it has no "
                "contract.",
                group);
}

// The contract is asked of the store while the answer is made, once for all readers: a change of either drops
// it. While the database is away the entry points are answered alone, and that answer is not kept.
static enum status encode_group(const struct resolve_query *query,
                                const struct selection *selection, struct answer_draft *draft,
                                struct error *err) {
    const char *group = query->groups[0];
    const struct records *records = &selection->records;
    struct contract_rows rows = {0};
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    enum status status = arena ? store_contracts_load(query->store, arena, &group, 1, &rows, err)
                               : fail_no_memory(err);
    draft->is_passing = status == STATUS_UNAVAILABLE && records->count;
    if (status && !draft->is_passing) {
        return status;
    }
    if (!records->count && !rows.count) {
        return fail_absent(group, err);
    }
    bool is_good =
        add_string(&draft->body, "{\"name\":", group) && add_records(&draft->body, records);
    if (is_good && !draft->is_passing) {
        scoped(cleanup_json) json_t *contract = encode_contract(&rows);
        buffer_add_string(&draft->body, ",\"contract\":");
        is_good = contract && json_write(&draft->body, contract, false);
    }
    buffer_add_string(&draft->body, "}");
    return is_good ? STATUS_OK : fail_no_memory(err);
}

static const struct answer_form group_form = {.name = "group", .encode = encode_group};

// A name that cannot be stored is not asked for: nothing is in such a group.
enum status groups_show(struct api *api, const struct request *request, struct reply *reply,
                        struct findings *findings, struct error *err) {
    (void)findings;
    const char *group = request_path(request, "group");
    const struct resolve_query query = {.groups = &group, .group_count = 1, .store = api->reading};
    const struct answer *answer = NULL;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    if (!entry_point_group_may_be_stored(text_from(group))) {
        return fail_absent(group, err);
    }
    status = index_answer(api->index, &query, &group_form, &answer, err);
    if (status) {
        return status;
    }
    reply->answer = answer;
    reply->body = (struct text){answer->body, answer->body_len};
    reply->etag = answer->etag;
    return STATUS_OK;
}
