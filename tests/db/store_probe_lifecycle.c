// SPDX-License-Identifier: MIT
// The calls of store_probe that change what is there: packages, releases, contracts of groups.
#include "tests/db/store_probe.h"
#include "registryd/store/activity/store_activity.h"

static void put_outcome(json_t *output, const struct lifecycle_outcome *outcome) {
    put_bool(output, "changed", outcome->changed);
    put_point(output, &outcome->point);
}

// {"name","version","reason"}; without a reason it is taken back.
enum status call_yank(struct probe *probe, const json_t *input, json_t *output, struct error *err) {
    struct release_change change = {text_of(input, "name"), text_of(input, "version"),
                                    text_of(input, "reason"), "tester"};
    struct lifecycle_outcome outcome;
    enum status status = store_release_yank(probe->store, &change, &outcome, err);
    if (!status) {
        put_outcome(output, &outcome);
    }
    return status;
}

enum status call_quarantine(struct probe *probe, const json_t *input, json_t *output,
                            struct error *err) {
    struct release_change change = {text_of(input, "name"), text_of(input, "version"),
                                    text_of(input, "reason"), "tester"};
    struct lifecycle_outcome outcome;
    enum status status = store_release_quarantine(probe->store, &change, &outcome, err);
    if (!status) {
        put_outcome(output, &outcome);
    }
    return status;
}

enum status call_package_status(struct probe *probe, const json_t *input, json_t *output,
                                struct error *err) {
    struct package_change change = {text_of(input, "name"), text_of(input, "to"),
                                    text_of(input, "reason"), text_of(input, "replaced_by"),
                                    "tester"};
    struct lifecycle_outcome outcome;
    enum status status = store_package_status_set(probe->store, &change, &outcome, err);
    if (!status) {
        put_outcome(output, &outcome);
    }
    return status;
}

// {"group","owner","pattern","kind","conflict","priority":[...]}
enum status call_contract_set(struct probe *probe, const json_t *input, json_t *output,
                              struct error *err) {
    const char *names[8];
    const json_t *priority = json_object_get(input, "priority");
    struct group_contract contract = group_contract_default(text_of(input, "group"));
    contract.owner = text_of(input, "owner");
    contract.name_pattern = text_of(input, "pattern");
    contract.priority = (struct strings){names, json_array_size(priority)};
    for (size_t i = 0; i < contract.priority.count; i++) {
        names[i] = json_string_value(json_array_get(priority, i));
    }
    const char *kind = text_of(input, "kind");
    const char *conflict = text_of(input, "conflict");
    if ((kind && !contract_kind_find(kind, &contract.kind)) ||
        (conflict && !contract_conflict_find(conflict, &contract.conflict))) {
        return fail(err, STATUS_USAGE, NULL, "no such kind or conflict");
    }
    struct lifecycle_outcome outcome;
    enum status status = store_contract_set(probe->store, &contract, "tester", &outcome, err);
    if (!status) {
        put_outcome(output, &outcome);
    }
    return status;
}

enum status call_contracts(struct probe *probe, const json_t *input, json_t *output,
                           struct error *err) {
    const char *groups[8];
    const json_t *names = json_object_get(input, "groups");
    for (size_t i = 0; i < json_array_size(names); i++) {
        groups[i] = json_string_value(json_array_get(names, i));
    }
    struct contract_rows rows;
    enum status status = store_contracts_load(probe->store, probe->arena, groups,
                                              json_array_size(names), &rows, err);
    if (status) {
        return status;
    }
    json_t *items = json_array();
    for (size_t i = 0; i < rows.count; i++) {
        const struct group_contract *contract = &rows.items[i].contract;
        json_t *item = json_object();
        put_text(item, "group", contract->group);
        put_text(item, "owner", contract->owner);
        put_text(item, "pattern", contract->name_pattern);
        put_text(item, "kind", contract_kind_name(contract->kind));
        put_text(item, "conflict", contract_conflict_name(contract->conflict));
        json_object_set_new(item, "priority", encode_strings(&contract->priority));
        put_number(item, "revision", rows.items[i].revision);
        put_text(item, "updated_by", rows.items[i].updated_by);
        json_array_append_new(items, item);
    }
    json_object_set_new(output, "items", items);
    return STATUS_OK;
}

// With "before", the newest first; else in order. "package", "group" and so on narrow both.
enum status call_changes(struct probe *probe, const json_t *input, json_t *output,
                         struct error *err) {
    struct changes changes;
    int limit = number_of(input, "limit", 1000);
    int since = number_of(input, "since", 0);
    struct activity_query query = {{text_of(input, "package"), text_of(input, "group"),
                                    text_of(input, "environment"), text_of(input, "actor"),
                                    text_of(input, "kind")},
                                   since,
                                   limit};
    int before = number_of(input, "before", 0);
    enum status status = STATUS_OK;
    if (before) {
        query.place = before;
        status = store_changes_before(probe->store, probe->arena, &query, &changes, err);
    } else if (changes_filter_is_empty(&query.filter)) {
        status = store_changes_load(probe->store, probe->arena, since, limit, &changes, err);
    } else {
        status = store_changes_after(probe->store, probe->arena, &query, &changes, err);
    }
    if (status) {
        return status;
    }
    put_point(output, &changes.point);
    json_t *items = json_array();
    for (size_t i = 0; i < changes.count; i++) {
        const struct change *change = &changes.items[i];
        json_t *item = json_object();
        put_number(item, "serial", change->serial);
        put_text(item, "kind", change->kind);
        put_text(item, "package", change->package);
        put_text(item, "version", change->version);
        put_text(item, "environment", change->environment);
        put_text(item, "reason", change->reason);
        put_text(item, "at", change->at);
        put_text(item, "actor", change->actor);
        put_text(item, "detail", change->detail);
        json_object_set_new(item, "groups", encode_strings(&change->groups));
        json_array_append_new(items, item);
    }
    json_object_set_new(output, "items", items);
    return STATUS_OK;
}
