// SPDX-License-Identifier: MIT
// Three short lists in one answer: packages that search could not index, packages whose names look like one
// another's, groups that cannot be indexed for their names. Each has at most PROBLEMS_MAX rows, and
// "more" says of which there are others; a registry with so many has one cause for them, which the first rows show.
#include "registryd/api/admin/handlers.h"

#include "registryd/request/query.h"
#include "registryd/store/store_access.h"
#include "registryd/store/store_search.h"
#include "schema/json/json.h"

enum { PROBLEMS_MAX = 1000 };

// Appends the item, stealing it, and leaves NULL in *array when that fails.
// The lists are built without looking at each step. A failure turns the array into NULL, and
// json_pack refuses a NULL for "o", so the one check in reply_json sees it.
static void append(json_t **array, json_t *item) {
    if (*array && json_array_append_new(*array, item)) {
        json_decref(*array);
        *array = NULL;
    }
}

static json_t *encode_search(const struct search_problems *rows) {
    json_t *array = json_array();
    for (size_t i = 0; i < rows->count; i++) {
        append(&array, json_pack("{s:o,s:o,s:o}", "package", json_text(rows->items[i].package),
                                 "error", json_text(rows->items[i].error), "since",
                                 json_text(rows->items[i].since)));
    }
    return array;
}

static json_t *encode_names(const char *lines) {
    json_t *array = json_array();
    struct text rest = text_from(lines);
    struct text name;
    while (text_split(&rest, '\n', &name)) {
        append(&array, json_stringn(name.ptr, name.len));
    }
    return array;
}

static json_t *encode_lookalikes(const struct lookalike_rows *rows) {
    json_t *array = json_array();
    for (size_t i = 0; i < rows->count; i++) {
        append(&array, json_pack("{s:o,s:o,s:o}", "package", json_text(rows->items[i].package),
                                 "owner", json_text(rows->items[i].owner), "others",
                                 encode_names(rows->items[i].others)));
    }
    return array;
}

static json_t *encode_strings(const struct strings *strings) {
    json_t *array = json_array();
    for (size_t i = 0; i < strings->count; i++) {
        append(&array, json_text(strings->items[i]));
    }
    return array;
}

enum status problems_list(struct api *api, const struct request *request, struct reply *reply,
                          struct findings *findings, struct error *err) {
    (void)findings;
    struct page page = {.limit = PROBLEMS_MAX};
    struct search_problems search;
    struct lookalike_rows lookalikes;
    struct strings groups;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = store_search_problems_load(api->store, request->arena, &page, &search, err);
    if (status) {
        return status;
    }
    status = store_lookalikes_load(api->store, request->arena, &page, &lookalikes, err);
    if (status) {
        return status;
    }
    status =
        store_groups_not_indexable_load(api->store, request->arena, PROBLEMS_MAX + 1, &groups, err);
    if (status) {
        return status;
    }
    // This list has no page of its own, so one name more is loaded to know whether there are
    // others.
    bool more_groups = groups.count > PROBLEMS_MAX;
    groups.count -= more_groups;
    json_t *more = json_pack("{s:b,s:b,s:b}", "search", search.more, "lookalikes", lookalikes.more,
                             "groups", more_groups);
    json_t *json =
        json_pack("{s:o,s:o,s:o,s:o}", "search", encode_search(&search), "lookalikes",
                  encode_lookalikes(&lookalikes), "groups", encode_strings(&groups), "more", more);
    return reply_json(request, reply, json, err);
}
