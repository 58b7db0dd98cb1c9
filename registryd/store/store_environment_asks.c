// SPDX-License-Identifier: MIT
// What the API looks at before it lets an environment enable a package: whether the package is there,
// which of its releases would be taken, and which permissions that release asks for.
#include "registryd/store/store_environments.h"

#include "registryd/store/store_handle.h"

static enum status make_views(struct arena *arena, const struct strings *strings,
                              struct text **ret_views, struct error *err) {
    struct text *views = arena_array(arena, strings->count + 1, sizeof *views);
    if (!views) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < strings->count; i++) {
        views[i] = text_from(strings->items[i]);
    }
    *ret_views = views;
    return STATUS_OK;
}

// A list of rows about packages, by their names.
static enum status load_about(struct store *store, enum sql_statement statement,
                              const struct strings *packages, struct store_query *query,
                              struct store_list *list, struct error *err) {
    struct text *views;
    enum status status = make_views(query->arena, packages, &views, err);
    if (status) {
        return status;
    }
    struct db_call call = {statement, {db_text_list(views, packages->count)}};
    query->call = &call;
    status = store_run_many(store, query, list, err);
    query->call = NULL;
    return status;
}

enum status store_packages_known(struct store *store, struct arena *arena,
                                 const struct strings *packages, struct strings *ret_known,
                                 struct error *err) {
    static const struct db_column column = {"name", DB_COLUMN_TEXT, 0, 0};
    static const struct db_columns columns = {&column, 1, 0, NULL};
    struct store_query query = {.columns = &columns, .arena = arena};
    struct store_list list = {.item_size = sizeof(const char *)};
    enum status status = load_about(store, SQL_PACKAGES_KNOWN, packages, &query, &list, err);
    if (!status) {
        *ret_known = (struct strings){list.items, list.count};
    }
    return status;
}

enum status store_release_choices_load(struct store *store, struct arena *arena,
                                       const struct strings *packages,
                                       struct release_choices *ret_choices, struct error *err) {
#define AT(member) offsetof(struct release_choice, member)
    static const struct db_column items[] = {
        {"package", DB_COLUMN_TEXT, AT(package), 0},
        {"version", DB_COLUMN_TEXT, AT(version), 0},
        {"prerelease", DB_COLUMN_BOOL, AT(prerelease), 0},
        {"yanked", DB_COLUMN_BOOL, AT(yanked), 0},
        {"requires_python", DB_COLUMN_TEXT, AT(requires_python), 0},
    };
#undef AT
    static const struct db_columns columns = {items, sizeof items / sizeof *items, 0, NULL};
    struct store_query query = {.columns = &columns, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct release_choice)};
    enum status status = load_about(store, SQL_RELEASE_CHOICES, packages, &query, &list, err);
    if (!status) {
        *ret_choices = (struct release_choices){list.items, list.count};
    }
    return status;
}

#define AT(member) offsetof(struct permission_ask, member)
static const struct db_column ask_columns[] = {
    {"package", DB_COLUMN_TEXT, AT(package), 0},       {"version", DB_COLUMN_TEXT, AT(version), 0},
    {"group_name", DB_COLUMN_TEXT, AT(group), 0},      {"name", DB_COLUMN_TEXT, AT(name), 0},
    {"permission", DB_COLUMN_TEXT, AT(permission), 0},
};
#undef AT

enum status store_permission_asks_load(struct store *store, struct arena *arena,
                                       const struct release_choices *chosen,
                                       const struct strings *known,
                                       struct permission_asks *ret_asks, struct error *err) {
    static const struct db_columns columns = {ask_columns, sizeof ask_columns / sizeof *ask_columns,
                                              0, NULL};
    struct text *permissions;
    struct text *packages = arena_array(arena, 2 * chosen->count + 1, sizeof *packages);
    enum status status = make_views(arena, known, &permissions, err);
    if (status || !packages) {
        return status ? status : fail_no_memory(err);
    }
    struct text *versions = packages + chosen->count;
    for (size_t i = 0; i < chosen->count; i++) {
        packages[i] = text_from(chosen->items[i].package);
        versions[i] = text_from(chosen->items[i].version);
    }
    struct db_call call = {SQL_PERMISSION_ASKS,
                           {db_text_list(packages, chosen->count),
                            db_text_list(versions, chosen->count),
                            db_text_list(permissions, known->count)}};
    struct store_query query = {.call = &call, .columns = &columns, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct permission_ask)};
    status = store_run_many(store, &query, &list, err);
    if (!status) {
        *ret_asks = (struct permission_asks){list.items, list.count};
    }
    return status;
}
