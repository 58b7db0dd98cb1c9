// SPDX-License-Identifier: MIT
// Folders go to the database as two lists, paths and names, one item a folder; the comparing is SQL's. A wheel has at
// most LIMIT_ARCHIVE_MEMBERS files, which bounds every statement here.
#include "registryd/store/files/store_paths.h"

#include "registryd/store/libpq/db.h"
#include "registryd/store/store_handle.h"
#include "schema/base/cleanup.h"
#include "schema/base/list.h"

#include <string.h>

CLEANUP_DEFINE(struct arena *, free_arena, arena_free)

struct folder_lists {
    struct text *paths;
    struct text *names;
    size_t count;
};

static enum status make_lists(struct arena *arena, const struct wheel_folders *folders,
                              struct folder_lists *ret_lists, struct error *err) {
    struct text *items = arena_array(arena, 2 * folders->count + 1, sizeof *items);
    if (!items) {
        return fail_no_memory(err);
    }
    struct folder_lists lists = {items, items + folders->count, folders->count};
    for (size_t i = 0; i < folders->count; i++) {
        lists.paths[i] = text_from(folders->items[i].path);
        // A NULL pointer would be SQL's NULL, and the file of a folder of its own has an empty name.
        lists.names[i] = (struct text){folders->items[i].names, strlen(folders->items[i].names)};
    }
    *ret_lists = lists;
    return STATUS_OK;
}

enum status store_paths_add(struct db *db, const struct artifact *artifact, struct error *err) {
    scoped(free_arena) struct arena *arena = arena_new(0);
    struct folder_lists lists;
    enum status status =
        arena ? make_lists(arena, &artifact->folders, &lists, err) : fail_no_memory(err);
    if (status || !lists.count) {
        return status;
    }
    struct db_call call = {SQL_WHEEL_FOLDERS_ADD,
                           .values = {
                               [WHEEL_FOLDERS_ADD_FILENAME] = db_text(artifact->filename),
                               [WHEEL_FOLDERS_ADD_FOLDERS] = db_text_list(lists.paths, lists.count),
                               [WHEEL_FOLDERS_ADD_NAMES] = db_text_list(lists.names, lists.count),
                           }};
    return db_run(db, &call, NULL, err);
}

static enum status load(struct store *store, const struct store_query *query,
                        struct shared_paths *ret_paths, struct error *err) {
    struct store_list list = {.item_size = sizeof(struct shared_path)};
    enum status status = store_run_many(store, query, &list, err);
    if (status) {
        return status;
    }
    *ret_paths = (struct shared_paths){list.items, list.count};
    return STATUS_OK;
}

#define AT(member) offsetof(struct shared_path, member)
enum status store_paths_of_upload(struct store *store, struct arena *arena, const char *package,
                                  const struct wheel_folders *folders,
                                  struct shared_paths *ret_paths, struct error *err) {
    static const struct db_column items[] = {
        {"package", DB_COLUMN_TEXT, AT(other), 0},
        {"version", DB_COLUMN_TEXT, AT(other_version), 0},
        {"path", DB_COLUMN_TEXT, AT(path), 0},
        {"count", DB_COLUMN_INT64, AT(count), 0},
    };
    static const struct db_columns columns = {items, COUNT_OF(items), 0, NULL};
    struct folder_lists lists;
    enum status status = make_lists(arena, folders, &lists, err);
    if (status) {
        return status;
    }
    struct db_call call = {SQL_PATHS_OF_UPLOAD,
                           .values = {
                               [PATHS_OF_UPLOAD_PACKAGE] = db_text(package),
                               [PATHS_OF_UPLOAD_FOLDERS] = db_text_list(lists.paths, lists.count),
                               [PATHS_OF_UPLOAD_NAMES] = db_text_list(lists.names, lists.count),
                           }};
    struct store_query query = {.call = &call, .columns = &columns, .arena = arena};
    return load(store, &query, ret_paths, err);
}

enum status store_paths_of_releases(struct store *store, struct arena *arena,
                                    const struct release_name *releases, size_t count,
                                    struct shared_paths *ret_paths, struct error *err) {
    static const struct db_column items[] = {
        {"package", DB_COLUMN_TEXT, AT(package), 0},
        {"version", DB_COLUMN_TEXT, AT(version), 0},
        {"other", DB_COLUMN_TEXT, AT(other), 0},
        {"other_version", DB_COLUMN_TEXT, AT(other_version), 0},
        {"path", DB_COLUMN_TEXT, AT(path), 0},
        {"count", DB_COLUMN_INT64, AT(count), 0},
    };
    static const struct db_columns columns = {items, COUNT_OF(items), 0, NULL};
    struct text *packages = arena_array(arena, 2 * count + 1, sizeof *packages);
    if (!packages) {
        return fail_no_memory(err);
    }
    struct text *versions = packages + count;
    for (size_t i = 0; i < count; i++) {
        packages[i] = text_from(releases[i].package);
        versions[i] = text_from(releases[i].version);
    }
    struct db_call call = {SQL_PATHS_OF_RELEASES,
                           .values = {
                               [PATHS_OF_RELEASES_PACKAGES] = db_text_list(packages, count),
                               [PATHS_OF_RELEASES_VERSIONS] = db_text_list(versions, count),
                           }};
    struct store_query query = {.call = &call, .columns = &columns, .arena = arena};
    return load(store, &query, ret_paths, err);
}
#undef AT
