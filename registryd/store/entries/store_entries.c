// SPDX-License-Identifier: MIT
// Each way of finding is led by an index on what is asked for first: the package, the module, the object, the name, the
// group. All are one query with another first condition (the function find_entries has them), so that a page never
// scans the table. What else was asked for narrows the rows that the index gives.
#include "registryd/store/entries/store_entries.h"

#include "registryd/store/store_handle.h"
#include "schema/base/list.h"

#include <string.h>

#define AT(member) offsetof(struct entry_state, member)
static const struct db_column state_columns[] = {
    {"group_name", DB_COLUMN_TEXT, AT(group), 0},
    {"package", DB_COLUMN_TEXT, AT(package), 0},
    {"name", DB_COLUMN_TEXT, AT(name), 0},
    {"is_alias", DB_COLUMN_BOOL, AT(is_alias), 0},
    {"message", DB_COLUMN_TEXT, AT(message), 0},
    {"successor", DB_COLUMN_TEXT, AT(successor), 0},
    {"changed_at", DB_COLUMN_TEXT, AT(changed_at), 0},
    {"changed_by", DB_COLUMN_TEXT, AT(changed_by), 0},
};
#undef AT

enum status store_entry_states_load(struct store *store, struct arena *arena,
                                    const struct entry_states_query *query,
                                    struct entry_states *ret_states, struct error *err) {
    static const struct db_columns columns = {state_columns, COUNT_OF(state_columns)};
    int64_t limit = query->limit ? query->limit : INT64_MAX;
    struct db_call call = {SQL_ENTRY_STATES,
                           .values = {[ENTRY_STATES_GROUP_NAME] = db_text(query->group),
                                      [ENTRY_STATES_PACKAGE] = db_text(query->package),
                                      [ENTRY_STATES_ROW_LIMIT] = db_int64(limit)}};
    struct store_query wanted = {.call = &call, .columns = &columns, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct entry_state)};
    enum status status = store_run_many(store, &wanted, &list, err);
    if (status) {
        return status;
    }
    *ret_states = (struct entry_states){list.items, list.count};
    return STATUS_OK;
}

#define AT(member) offsetof(struct entry_standing, member)
static const struct db_column standing_columns[] = {
    {"epoch", DB_COLUMN_CHARS, AT(point.epoch), EPOCH_SIZE},
    {"epoch_number", DB_COLUMN_INT64, AT(point.epoch_number), 0},
    {"serial", DB_COLUMN_INT64, AT(point.serial), 0},
    {"has_package", DB_COLUMN_BOOL, AT(has_package), 0},
    {"has_name", DB_COLUMN_BOOL, AT(has_name), 0},
    {"has_present", DB_COLUMN_BOOL, AT(has_present), 0},
    {"holder", DB_COLUMN_TEXT, AT(holder), 0},
    {"alias_holder", DB_COLUMN_TEXT, AT(alias_holder), 0},
};
#undef AT

enum status store_entry_standing_load(struct store *store, struct arena *arena,
                                      const struct entry_change *change,
                                      struct entry_standing *ret_standing, struct error *err) {
    static const struct db_columns columns = {standing_columns, COUNT_OF(standing_columns)};
    struct db_call call = {SQL_ENTRY_PLACE, .values = {
                                                [ENTRY_PLACE_PACKAGE] = db_text(change->package),
                                                [ENTRY_PLACE_GROUP_NAME] = db_text(change->group),
                                                [ENTRY_PLACE_NAME] = db_text(change->name),
                                                [ENTRY_PLACE_PRESENT] = db_text(change->successor),
                                            }};
    struct store_query query = {.call = &call, .columns = &columns, .arena = arena};
    return store_run_one(store, &query, ret_standing, NULL, err);
}

enum status store_entry_state_set(struct store *store, const struct entry_change *change,
                                  struct lifecycle_outcome *ret_outcome, struct error *err) {
    struct db_call call = {SQL_ENTRY_STATE_SET,
                           .values = {
                               [ENTRY_STATE_SET_PACKAGE] = db_text(change->package),
                               [ENTRY_STATE_SET_GROUP_NAME] = db_text(change->group),
                               [ENTRY_STATE_SET_NAME] = db_text(change->name),
                               [ENTRY_STATE_SET_IS_ALIAS] = db_bool(change->is_alias),
                               [ENTRY_STATE_SET_MESSAGE] = db_text(change->message),
                               [ENTRY_STATE_SET_SUCCESSOR] = db_text(change->successor),
                               [ENTRY_STATE_SET_IS_SET] = db_bool(change->is_set),
                               [ENTRY_STATE_SET_ACTOR] = db_text(change->actor),
                           }};
    return store_change_run(store, &call, ret_outcome, err);
}

// ---- what releases require of their host ----

#define AT(member) offsetof(struct host_requirement, member)
static const struct db_column requirement_columns[] = {
    {"package", DB_COLUMN_TEXT, AT(package), 0},
    {"requirement", DB_COLUMN_TEXT, AT(requirement), 0},
};
#undef AT

enum status store_host_requirements_load(struct store *store, struct arena *arena,
                                         const struct host_query *query,
                                         struct host_requirements *ret_requirements,
                                         struct error *err) {
    static const struct db_columns columns = {requirement_columns, COUNT_OF(requirement_columns)};
    struct text *packages = arena_array(arena, query->count + 1, sizeof *packages);
    struct text *versions = arena_array(arena, query->count + 1, sizeof *versions);
    struct text *hosts = arena_array(arena, query->hosts.count + 1, sizeof *hosts);
    if (!packages || !versions || !hosts) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < query->count; i++) {
        packages[i] = text_from(query->releases[i].package);
        versions[i] = text_from(query->releases[i].version);
    }
    for (size_t i = 0; i < query->hosts.count; i++) {
        hosts[i] = text_from(query->hosts.items[i]);
    }
    struct db_call call = {
        SQL_HOST_REQUIREMENTS,
        .values = {[HOST_REQUIREMENTS_PACKAGES] = db_text_list(packages, query->count),
                   [HOST_REQUIREMENTS_VERSIONS] = db_text_list(versions, query->count),
                   [HOST_REQUIREMENTS_HOSTS] = db_text_list(hosts, query->hosts.count),
                   [HOST_REQUIREMENTS_ROW_LIMIT] = db_int64(HOST_REQUIREMENTS_MAX)}};
    struct store_query wanted = {.call = &call, .columns = &columns, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct host_requirement)};
    enum status status = store_run_many(store, &wanted, &list, err);
    if (status) {
        return status;
    }
    *ret_requirements = (struct host_requirements){list.items, list.count};
    return STATUS_OK;
}

// ---- finding ----

#define AT(member) offsetof(struct found_entry, member)
static const struct db_column found_columns[] = {
    {"group_name", DB_COLUMN_TEXT, AT(group), 0}, {"name", DB_COLUMN_TEXT, AT(name), 0},
    {"value", DB_COLUMN_TEXT, AT(value), 0},      {"package", DB_COLUMN_TEXT, AT(package), 0},
    {"version", DB_COLUMN_TEXT, AT(version), 0},  {"status", DB_COLUMN_TEXT, AT(status), 0},
};
#undef AT

// The module and the object of "module:object"; both NULL when the value is the object alone.
static bool split_value(struct arena *arena, const char *value, const char **ret_module,
                        const char **ret_object) {
    const char *colon = value ? strchr(value, ':') : NULL;
    *ret_object = value;
    *ret_module = NULL;
    if (colon) {
        *ret_module = arena_copy(arena, value, (size_t)(colon - value));
        *ret_object = NULL;
    }
    return !colon || *ret_module;
}

enum status store_entries_find(struct store *store, struct arena *arena,
                               const struct find_query *query, struct found_entries *ret_found,
                               struct error *err) {
    static const struct db_columns columns = {found_columns, COUNT_OF(found_columns)};
    const char *module;
    const char *object;
    if (!split_value(arena, query->value, &module, &object)) {
        return fail_no_memory(err);
    }
    module = query->module ? query->module : module;
    // In the order of how few rows the index of each gives.
    const struct {
        const char *name;
        const char *key;
    } ways[] = {
        {"package", query->package}, {"module", module},      {"name", query->name},
        {"attribute", object},       {"group", query->group},
    };
    size_t way = 0;
    while (way + 1 < COUNT_OF(ways) && !ways[way].key) {
        way++;
    }
    struct db_call call = {SQL_FIND_ENTRIES,
                           .values = {
                               [FIND_ENTRIES_WAY] = db_text(ways[way].name),
                               [FIND_ENTRIES_KEY] = db_text(ways[way].key),
                               [FIND_ENTRIES_GROUP_NAME] = db_text(query->group),
                               [FIND_ENTRIES_NAME] = db_text(query->name),
                               [FIND_ENTRIES_PACKAGE] = db_text(query->package),
                               [FIND_ENTRIES_VALUE] = db_text(query->value),
                               [FIND_ENTRIES_MODULE] = db_text(query->module),
                               [FIND_ENTRIES_AFTER_GROUP] = db_text(query->after_group),
                               [FIND_ENTRIES_AFTER_NAME] = db_text(query->after_name),
                               [FIND_ENTRIES_AFTER_PACKAGE] = db_text(query->after_package),
                               [FIND_ENTRIES_ROW_LIMIT] = db_int64(query->limit),
                           }};
    struct store_query wanted = {.call = &call, .columns = &columns, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct found_entry)};
    enum status status = store_run_many(store, &wanted, &list, err);
    if (status) {
        return status;
    }
    *ret_found = (struct found_entries){list.items, list.count};
    return STATUS_OK;
}
