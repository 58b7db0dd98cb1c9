// SPDX-License-Identifier: MIT
// Grants, reserved names, owners. What is there already is no fault: the statement then writes nothing
// and takes no serial.
#include "registryd/store/store_access.h"

#include "registryd/store/store_handle.h"
#include "schema/base/list.h"

#define AT(member) offsetof(struct grant_row, member)
static const struct db_column grant_columns[] = {
    {"team", DB_COLUMN_TEXT, AT(team), 0},
    {"scope", DB_COLUMN_TEXT, AT(scope), 0},
    {"object", DB_COLUMN_TEXT, AT(object), 0},
    {"created_at", DB_COLUMN_TEXT, AT(created_at), 0},
    {"created_by", DB_COLUMN_TEXT, AT(created_by), 0},
};
#undef AT

#define AT(member) offsetof(struct reserved_row, member)
static const struct db_column reserved_columns[] = {
    {"name", DB_COLUMN_TEXT, AT(name), 0},
    {"is_prefix", DB_COLUMN_BOOL, AT(is_prefix), 0},
    {"team", DB_COLUMN_TEXT, AT(team), 0},
    {"reason", DB_COLUMN_TEXT, AT(reason), 0},
    {"created_at", DB_COLUMN_TEXT, AT(created_at), 0},
    {"created_by", DB_COLUMN_TEXT, AT(created_by), 0},
};
#undef AT

#define AT(member) offsetof(struct name_status, member)
static const struct db_column standing_columns[] = {
    {"is_there", DB_COLUMN_BOOL, AT(is_there), 0},
    {"owner", DB_COLUMN_TEXT, AT(owner), 0},
    {"confusable", DB_COLUMN_TEXT, AT(confusable), 0},
    {"reserved", DB_COLUMN_TEXT, AT(reserved), 0},
    {"reserved_for", DB_COLUMN_TEXT, AT(reserved_for), 0},
    {"owned_groups", DB_COLUMN_TEXT, AT(owned_groups), 0},
    {"group_revision", DB_COLUMN_INT64, AT(group_revision), 0},
};
#undef AT

static const struct db_column lookalike_columns[] = {
    {"package", DB_COLUMN_TEXT, offsetof(struct lookalike_row, package), 0},
    {"owner", DB_COLUMN_TEXT, offsetof(struct lookalike_row, owner), 0},
    {"others", DB_COLUMN_TEXT, offsetof(struct lookalike_row, others), 0},
};

static const struct db_column owner_columns[] = {
    {"package_owner", DB_COLUMN_TEXT, offsetof(struct owners, package_owner), 0},
    {"group_owner", DB_COLUMN_TEXT, offsetof(struct owners, group_owner), 0},
};
static const struct db_column serial_column = {"serial", DB_COLUMN_INT64, 0, 0};

static const struct db_columns of_grant = {grant_columns, COUNT_OF(grant_columns), 0, NULL};
static const struct db_columns of_reserved = {reserved_columns, COUNT_OF(reserved_columns), 0,
                                              NULL};
static const struct db_columns of_standing = {standing_columns, COUNT_OF(standing_columns), 0,
                                              NULL};
static const struct db_columns of_owners = {owner_columns, COUNT_OF(owner_columns), 0, NULL};
static const struct db_columns of_lookalike = {lookalike_columns, COUNT_OF(lookalike_columns), 0,
                                               NULL};
static const struct db_columns of_serial = {&serial_column, 1, 0, NULL};

// Runs a change that answers with its serial; 0 when it changed nothing.
static enum status run_change(struct store *store, const struct db_call *call, bool *ret_found,
                              int64_t *ret_serial, struct error *err) {
    struct store_query query = {.call = call, .columns = &of_serial};
    int64_t serial = 0;
    enum status status = store_run_one(store, &query, &serial, ret_found, err);
    if (!status) {
        *ret_serial = serial;
    }
    return status;
}

enum status store_grants_load(struct store *store, struct arena *arena, const struct page *page,
                              const char *team, struct grant_rows *ret_rows, struct error *err) {
    struct db_call call = {SQL_GRANTS_PAGE,
                           .values = {
                               [GRANTS_PAGE_AFTER] = db_text(page->after ? page->after : ""),
                               [GRANTS_PAGE_TEAM] = db_text(team),
                               [GRANTS_PAGE_ROW_LIMIT] = db_int64((int64_t)page->limit + 1),
                           }};
    struct store_query query = {.call = &call, .columns = &of_grant, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct grant_row)};
    enum status status = store_run_many(store, &query, &list, err);
    if (!status) {
        bool more = store_cut_to_page(&list, page);
        *ret_rows = (struct grant_rows){list.items, list.count, more};
    }
    return status;
}

enum status store_grant_set(struct store *store, const struct grant_row *grant, bool is_granted,
                            int64_t *ret_serial, struct error *err) {
    struct db_call call = {is_granted ? SQL_GRANT_ADD : SQL_GRANT_REMOVE,
                           .values = {
                               [GRANT_REMOVE_TEAM] = db_text(grant->team),
                               [GRANT_REMOVE_SCOPE] = db_text(grant->scope),
                               [GRANT_REMOVE_OBJECT] = db_text(grant->object),
                               [GRANT_REMOVE_ACTOR] = db_text(grant->created_by),
                           }};
    return run_change(store, &call, NULL, ret_serial, err);
}

enum status store_reserved_load(struct store *store, struct arena *arena, const struct page *page,
                                struct reserved_rows *ret_rows, struct error *err) {
    struct db_call call = {
        SQL_RESERVED_PAGE,
        .values = {[RESERVED_PAGE_AFTER] = db_text(page->after ? page->after : ""),
                   [RESERVED_PAGE_ROW_LIMIT] = db_int64((int64_t)page->limit + 1)}};
    struct store_query query = {.call = &call, .columns = &of_reserved, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct reserved_row)};
    enum status status = store_run_many(store, &query, &list, err);
    if (!status) {
        bool more = store_cut_to_page(&list, page);
        *ret_rows = (struct reserved_rows){list.items, list.count, more};
    }
    return status;
}

enum status store_reserve(struct store *store, const struct reserved_row *row, int64_t *ret_serial,
                          struct error *err) {
    struct db_call call = {SQL_RESERVED_ADD, .values = {
                                                 [RESERVED_ADD_NAME] = db_text(row->name),
                                                 [RESERVED_ADD_IS_PREFIX] = db_bool(row->is_prefix),
                                                 [RESERVED_ADD_TEAM] = db_text(row->team),
                                                 [RESERVED_ADD_REASON] = db_text(row->reason),
                                                 [RESERVED_ADD_ACTOR] = db_text(row->created_by),
                                             }};
    return run_change(store, &call, NULL, ret_serial, err);
}

enum status store_unreserve(struct store *store, const char *name, const char *actor,
                            int64_t *ret_serial, struct error *err) {
    struct db_call call = {
        SQL_RESERVED_REMOVE,
        .values = {
            [RESERVED_REMOVE_NAME] = db_text(name), [RESERVED_REMOVE_ACTOR] = db_text(actor)}};
    bool found = false;
    enum status status = run_change(store, &call, &found, ret_serial, err);
    return status || found ? status
                           : fail(err, STATUS_NOT_FOUND, NULL, "The name %s is not reserved", name);
}

enum status store_name_load(struct store *store, struct arena *arena, const char *package,
                            const struct strings *groups, struct name_status *ret_standing,
                            struct error *err) {
    struct text *views = arena_array(arena, groups->count + 1, sizeof *views);
    if (!views) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < groups->count; i++) {
        views[i] = text_from(groups->items[i]);
    }
    struct db_call call = {SQL_PUBLISH_RIGHTS, .values = {[PUBLISH_RIGHTS_NAME] = db_text(package),
                                                          [PUBLISH_RIGHTS_GROUPS] =
                                                              db_text_list(views, groups->count)}};
    struct store_query query = {.call = &call, .columns = &of_standing, .arena = arena};
    return store_run_one(store, &query, ret_standing, NULL, err);
}

enum status store_lookalikes_load(struct store *store, struct arena *arena, const struct page *page,
                                  struct lookalike_rows *ret_rows, struct error *err) {
    struct db_call call = {
        SQL_LOOKALIKES_PAGE,
        .values = {[LOOKALIKES_PAGE_AFTER] = db_text(page->after ? page->after : ""),
                   [LOOKALIKES_PAGE_ROW_LIMIT] = db_int64((int64_t)page->limit + 1)}};
    struct store_query query = {.call = &call, .columns = &of_lookalike, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct lookalike_row)};
    enum status status = store_run_many(store, &query, &list, err);
    if (status) {
        return status;
    }
    bool more = store_cut_to_page(&list, page);
    *ret_rows = (struct lookalike_rows){list.items, list.count, more};
    return STATUS_OK;
}

enum status store_owners_load(struct store *store, struct arena *arena, const char *package,
                              const char *group, struct owners *ret_owners, struct error *err) {
    struct db_call call = {
        SQL_OWNER_OF,
        .values = {[OWNER_OF_PACKAGE] = db_text(package), [OWNER_OF_GROUP_NAME] = db_text(group)}};
    struct store_query query = {.call = &call, .columns = &of_owners, .arena = arena};
    return store_run_one(store, &query, ret_owners, NULL, err);
}

enum status store_owner_set(struct store *store, const char *package, const char *team,
                            const char *actor, int64_t *ret_serial, struct error *err) {
    struct db_call call = {SQL_PACKAGE_OWNER_SET, .values = {
                                                      [PACKAGE_OWNER_SET_NAME] = db_text(package),
                                                      [PACKAGE_OWNER_SET_TEAM] = db_text(team),
                                                      [PACKAGE_OWNER_SET_ACTOR] = db_text(actor),
                                                  }};
    bool found = false;
    enum status status = run_change(store, &call, &found, ret_serial, err);
    return status || found ? status
                           : fail(err, STATUS_NOT_FOUND, NULL, "There is no package %s", package);
}
