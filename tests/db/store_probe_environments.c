// SPDX-License-Identifier: MIT
// The calls of store_probe on environments.
#include "tests/db/store_probe.h"

static json_t *encode_row(const struct environment_row *row) {
    json_t *item = json_object();
    put_text(item, "name", row->name);
    put_number(item, "revision", row->revision);
    put_number(item, "newest_revision", row->newest_revision);
    put_text(item, "description", row->description);
    put_number(item, "plugin_count", row->plugin_count);
    put_text(item, "action", row->action);
    put_text(item, "summary", row->summary);
    put_text(item, "package", row->package);
    put_text(item, "changed_at", row->changed_at);
    put_text(item, "changed_by", row->changed_by);
    put_number(item, "lock_id", row->lock_id);
    put_bool(item, "archived", row->is_archived);
    put_text(item, "reason", row->reason);
    return item;
}

static void put_rows(json_t *output, const struct environment_rows *rows) {
    json_t *items = json_array();
    for (size_t i = 0; i < rows->count; i++) {
        json_array_append_new(items, encode_row(&rows->items[i]));
    }
    json_object_set_new(output, "items", items);
    put_bool(output, "more", rows->more);
}

// {"name","revision"}; `decoded` counts what the struct holds of the document.
enum status call_environment(struct probe *probe, const json_t *input, json_t *output,
                             struct error *err) {
    struct environment_detail detail;
    enum status status = store_environment_load(probe->store, probe->arena, text_of(input, "name"),
                                                number_of(input, "revision", 0), &detail, err);
    if (status) {
        return status;
    }
    json_object_set_new(output, "row", encode_row(&detail.row));
    put_text(output, "document", detail.document);
    put_text(output, "decoded_name", detail.environment.name);
    put_number(output, "decoded_revision", detail.environment.revision);
    put_number(output, "decoded_plugins", (int64_t)detail.environment.plugin_count);
    put_point(output, &detail.point);
    return STATUS_OK;
}

enum status call_environments(struct probe *probe, const json_t *input, json_t *output,
                              struct error *err) {
    const struct environments_query query = {
        .page = {number_of(input, "limit", 100), text_of(input, "after")},
        .with_archived = number_of(input, "archived", 0),
    };
    struct environment_rows rows;
    enum status status = store_environments_load(probe->store, probe->arena, &query, &rows, err);
    if (!status) {
        put_rows(output, &rows);
    }
    return status;
}

enum status call_environment_history(struct probe *probe, const json_t *input, json_t *output,
                                     struct error *err) {
    struct environment_history query = {text_of(input, "name"), number_of(input, "limit", 100),
                                        number_of(input, "before", 0)};
    struct environment_rows rows;
    enum status status =
        store_environment_history_load(probe->store, probe->arena, &query, &rows, err);
    if (!status) {
        put_rows(output, &rows);
    }
    return status;
}

// {"name","base","document","action","summary","package","reason","lock_id","new_lock","releases","archived"}
enum status call_environment_change(struct probe *probe, const json_t *input, json_t *output,
                                    struct error *err) {
    struct environment_change change = {
        .name = text_of(input, "name"),
        .base_revision = number_of(input, "base", 0),
        .document = text_of(input, "document"),
        .action = text_of(input, "action"),
        .summary = text_of(input, "summary"),
        .package = text_of(input, "package"),
        .actor = "tester",
        .reason = text_of(input, "reason"),
        .lock_id = number_of(input, "lock_id", 0),
        .new_lock = text_of(input, "new_lock"),
        .new_lock_releases = number_of(input, "releases", 0),
        .is_archived = number_of(input, "archived", 0),
    };
    struct environment_outcome outcome;
    enum status status = store_environment_change(probe->store, &change, &outcome, err);
    if (!status) {
        put_number(output, "revision", outcome.revision);
        put_point(output, &outcome.point);
    }
    return status;
}

static void put_asks(json_t *output, const struct permission_asks *asks) {
    json_t *items = json_array();
    for (size_t i = 0; i < asks->count; i++) {
        const struct permission_ask *ask = &asks->items[i];
        json_t *item = json_array();
        json_array_append_new(item, json_string(ask->package));
        json_array_append_new(item, json_string(ask->version));
        json_array_append_new(item, json_string(ask->group));
        json_array_append_new(item, json_string(ask->name));
        json_array_append_new(item, ask->permission ? json_string(ask->permission) : json_null());
        json_array_append_new(items, item);
    }
    json_object_set_new(output, "asks", items);
}

// {"packages":[...],"permissions":[...]}: what is known of these packages, and what all their releases ask
// for beyond these permissions.
enum status call_environment_asks(struct probe *probe, const json_t *input, json_t *output,
                                  struct error *err) {
    enum { MOST = 8 };
    const char *names[MOST];
    const char *permissions[MOST];
    struct strings packages = {names, 0};
    struct strings granted = {permissions, 0};
    struct strings known;
    struct permission_asks asks;
    size_t index;
    json_t *item;
    json_array_foreach(json_object_get(input, "packages"), index, item) {
        names[packages.count++] = json_string_value(item);
    }
    json_array_foreach(json_object_get(input, "permissions"), index, item) {
        permissions[granted.count++] = json_string_value(item);
    }
    enum status status = store_packages_known(probe->store, probe->arena, &packages, &known, err);
    if (!status) {
        status =
            store_permission_asks_load(probe->store, probe->arena, &packages, &granted, &asks, err);
    }
    if (!status) {
        json_object_set_new(output, "known", encode_strings(&known));
        put_asks(output, &asks);
    }
    return status;
}
