// SPDX-License-Identifier: MIT
// The files of many releases in one statement: what a list of requirements is made from.
#include "registryd/store/store_candidates.h"

#include "registryd/store/store_handle.h"
#include "schema/base/list.h"

#define AT(member) offsetof(struct release_file, member)
static const struct db_column file_columns[] = {
    {"position", DB_COLUMN_INT64, AT(position), 0}, {"filename", DB_COLUMN_TEXT, AT(filename), 0},
    {"kind", DB_COLUMN_TEXT, AT(kind), 0},          {"sha256", DB_COLUMN_TEXT, AT(sha256), 0},
    {"tags", DB_COLUMN_TEXT, AT(tags), 0},
};
#undef AT

enum status store_release_files_load(struct store *store, struct arena *arena,
                                     const struct release_name *releases, size_t count,
                                     struct release_files *ret_files, struct error *err) {
    static const struct db_columns columns = {file_columns, COUNT_OF(file_columns)};
    struct text *packages = arena_array(arena, count + 1, sizeof *packages);
    struct text *versions = arena_array(arena, count + 1, sizeof *versions);
    if (!packages || !versions) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        packages[i] = text_from(releases[i].package);
        versions[i] = text_from(releases[i].version);
    }
    struct db_call call = {
        SQL_FILES_OF_RELEASES,
        .values = {[FILES_OF_RELEASES_PACKAGES] = db_text_list(packages, count),
                   [FILES_OF_RELEASES_VERSIONS] = db_text_list(versions, count)}};
    struct store_query query = {.call = &call, .columns = &columns, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct release_file)};
    enum status status = store_run_many(store, &query, &list, err);
    if (!status) {
        *ret_files = (struct release_files){list.items, list.count};
    }
    return status;
}
