// SPDX-License-Identifier: MIT
// What the API looks at before it lets an environment enable a package: whether the package is there, and
// which permissions its releases ask for.
#include "registryd/store/store_environments.h"

#include "registryd/store/store_handle.h"
#include "schema/base/list.h"

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

enum status store_packages_known(struct store *store, struct arena *arena,
                                 const struct strings *packages, struct strings *ret_known,
                                 struct error *err) {
    static const struct db_column column = {"name", DB_COLUMN_TEXT, 0, 0};
    static const struct db_columns columns = {&column, 1, 0, NULL};
    struct text *views;
    enum status status = make_views(arena, packages, &views, err);
    if (status) {
        return status;
    }
    struct db_call call = {SQL_PACKAGES_KNOWN, .values = {[PACKAGES_KNOWN_NAMES] = db_text_list(
                                                              views, packages->count)}};
    struct store_query query = {.call = &call, .columns = &columns, .arena = arena};
    struct store_list list = {.item_size = sizeof(const char *)};
    status = store_run_many(store, &query, &list, err);
    if (!status) {
        *ret_known = (struct strings){list.items, list.count};
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
                                       const struct strings *packages, const struct strings *known,
                                       struct permission_asks *ret_asks, struct error *err) {
    static const struct db_columns columns = {ask_columns, COUNT_OF(ask_columns), 0, NULL};
    struct text *names;
    struct text *permissions;
    enum status status = make_views(arena, packages, &names, err);
    status = status ? status : make_views(arena, known, &permissions, err);
    if (status) {
        return status;
    }
    struct db_call call = {
        SQL_PERMISSION_ASKS,
        .values = {[PERMISSION_ASKS_PACKAGES] = db_text_list(names, packages->count),
                   [PERMISSION_ASKS_KNOWN] = db_text_list(permissions, known->count)}};
    struct store_query query = {.call = &call, .columns = &columns, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct permission_ask)};
    status = store_run_many(store, &query, &list, err);
    if (!status) {
        *ret_asks = (struct permission_asks){list.items, list.count};
    }
    return status;
}
