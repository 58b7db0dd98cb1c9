// SPDX-License-Identifier: MIT
// The calls of store_probe about names (reservations, look-alikes) and about search.
#include "registryd/store/store_access.h"
#include "tests/db/store_probe.h"

// {"name","prefix","team"}
enum status call_reserve(struct probe *probe, const json_t *input, json_t *output,
                         struct error *err) {
    struct reserved_row row = {
        .name = text_of(input, "name"),
        .is_prefix = json_is_true(json_object_get(input, "prefix")),
        .team = text_of(input, "team"),
        .reason = "test",
        .created_by = "tester",
    };
    int64_t serial = 0;
    enum status status = store_reserve(probe->store, &row, &serial, err);
    put_number(output, "serial", serial);
    return status;
}

// {"name","groups":[...]}
enum status call_name(struct probe *probe, const json_t *input, json_t *output, struct error *err) {
    const char *names[8];
    const json_t *list = json_object_get(input, "groups");
    struct strings groups = {names, json_array_size(list)};
    for (size_t i = 0; i < groups.count; i++) {
        names[i] = json_string_value(json_array_get(list, i));
    }
    struct name_status name;
    enum status status =
        store_name_load(probe->store, probe->arena, text_of(input, "name"), &groups, &name, err);
    if (status) {
        return status;
    }
    put_bool(output, "is_there", name.is_there);
    put_text(output, "owner", name.owner);
    put_text(output, "confusable", name.confusable);
    put_text(output, "reserved", name.reserved);
    put_text(output, "reserved_for", name.reserved_for);
    put_text(output, "owned_groups", name.owned_groups);
    put_number(output, "group_revision", name.group_revision);
    return STATUS_OK;
}

enum status call_lookalikes(struct probe *probe, const json_t *input, json_t *output,
                            struct error *err) {
    struct page page = {number_of(input, "limit", 100), text_of(input, "after")};
    struct lookalike_rows rows;
    enum status status = store_lookalikes_load(probe->store, probe->arena, &page, &rows, err);
    if (status) {
        return status;
    }
    json_t *items = json_object();
    for (size_t i = 0; i < rows.count; i++) {
        put_text(items, rows.items[i].package, rows.items[i].others);
    }
    json_object_set_new(output, "items", items);
    put_bool(output, "more", rows.more);
    return STATUS_OK;
}

// Follows the changes once; {"behind","lag","problems"}
enum status call_follow(struct probe *probe, const json_t *input, json_t *output,
                        struct error *err) {
    (void)input;
    bool is_behind = false;
    enum status status = store_packages_follow(probe->store, &is_behind, err);
    struct search_state state;
    struct history_point point;
    struct changes changes;
    store_search_state(probe->store, &state);
    put_number(output, "problems", state.problems);
    if (!store_changes_load(probe->store, probe->arena, INT64_MAX - 1, 1, &changes, NULL)) {
        point = changes.point;
        put_number(output, "lag", store_search_lag(probe->store, point.serial));
    }
    if (!status) {
        put_bool(output, "behind", is_behind);
    }
    return status;
}

// {"words","package_status"}: names of packages
enum status call_search(struct probe *probe, const json_t *input, json_t *output,
                        struct error *err) {
    struct package_query query = {
        .words = text_of(input, "words"),
        .status = text_of(input, "package_status"),
        .page = {.limit = 1000},
    };
    struct package_rows rows;
    enum status status = store_packages_load(probe->store, probe->arena, &query, &rows, err);
    if (status) {
        return status;
    }
    json_t *items = json_array();
    for (size_t i = 0; i < rows.count; i++) {
        json_array_append_new(items, json_string(rows.items[i].name));
    }
    json_object_set_new(output, "names", items);
    return STATUS_OK;
}

enum status call_search_problems(struct probe *probe, const json_t *input, json_t *output,
                                 struct error *err) {
    struct page page = {number_of(input, "limit", 100), text_of(input, "after")};
    struct search_problems rows;
    enum status status = store_search_problems_load(probe->store, probe->arena, &page, &rows, err);
    if (status) {
        return status;
    }
    json_t *items = json_object();
    for (size_t i = 0; i < rows.count; i++) {
        put_text(items, rows.items[i].package, rows.items[i].error);
    }
    json_object_set_new(output, "items", items);
    return STATUS_OK;
}
