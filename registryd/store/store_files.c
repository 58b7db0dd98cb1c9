// SPDX-License-Identifier: MIT
// Finding artifacts and reading their bytes. A connection is borrowed for one piece at a time, so that
// slow readers hold none.
#include "registryd/store/store_handle.h"

#include "schema/base/cleanup.h"
#include "schema/base/list.h"

#include <string.h>

static const struct db_column place_columns[] = {
    {"package", DB_COLUMN_TEXT, offsetof(struct artifact_location, package), 0},
    {"version", DB_COLUMN_TEXT, offsetof(struct artifact_location, version), 0},
    {"sha256", DB_COLUMN_TEXT, offsetof(struct artifact_location, sha256), 0},
    {"epoch", DB_COLUMN_CHARS, offsetof(struct artifact_location, point.epoch), EPOCH_SIZE},
    {"serial", DB_COLUMN_INT64, offsetof(struct artifact_location, point.serial), 0},
};

enum status store_artifact_find(struct store *store, struct arena *arena, const char *filename,
                                struct artifact_location *ret_location, struct error *err) {
    static const struct db_columns columns = {place_columns, COUNT_OF(place_columns)};
    struct db_call call = {SQL_ARTIFACT_BY_FILENAME,
                           .values = {[ARTIFACT_BY_FILENAME_FILENAME] = db_text(filename)}};
    struct store_query query = {.call = &call, .columns = &columns, .arena = arena};
    struct artifact_location location;
    bool found = false;
    enum status status = store_run_one(store, &query, &location, &found, err);
    if (!status && !found) {
        return fail(err, STATUS_NOT_FOUND, NULL, "There is no file %s", filename);
    }
    if (!status) {
        *ret_location = location;
    }
    return status;
}

#define AT(member) offsetof(struct artifact_row, member)
static const struct db_column artifact_columns[] = {
    {"version", DB_COLUMN_TEXT, AT(version), 0},
    {"filename", DB_COLUMN_TEXT, AT(filename), 0},
    {"kind", DB_COLUMN_TEXT, AT(kind), 0},
    {"size", DB_COLUMN_INT64, AT(size), 0},
    {"sha256", DB_COLUMN_TEXT, AT(sha256), 0},
    {"tags", DB_COLUMN_TEXT, AT(tags), 0},
    {"uploaded_at", DB_COLUMN_TEXT, AT(uploaded_at), 0},
    {"uploaded_by", DB_COLUMN_TEXT, AT(uploaded_by), 0},
};
#undef AT

enum status store_artifacts_load(struct store *store, struct arena *arena, const char *package,
                                 const char *version, struct artifact_rows *ret_rows,
                                 struct error *err) {
    static const struct db_columns columns = {artifact_columns, COUNT_OF(artifact_columns)};
    struct db_call call = {SQL_ARTIFACTS_OF_PACKAGE,
                           .values = {[ARTIFACTS_OF_PACKAGE_PACKAGE] = db_text(package),
                                      [ARTIFACTS_OF_PACKAGE_VERSION] = db_text(version)}};
    struct store_query query = {.call = &call, .columns = &columns, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct artifact_row)};
    enum status status = store_run_many(store, &query, &list, err);
    if (!status) {
        *ret_rows = (struct artifact_rows){list.items, list.count};
    }
    return status;
}

enum status store_file_find(struct store *store, const uint8_t sha256[32], const char *filename,
                            struct file_location *ret_location, struct error *err) {
    static const struct db_column items[] = {
        {"size", DB_COLUMN_INT64, offsetof(struct file_location, size), 0},
        {"piece_bytes", DB_COLUMN_INT64, offsetof(struct file_location, piece_bytes), 0},
    };
    static const struct db_columns columns = {items, COUNT_OF(items)};
    struct file_location location;
    memcpy(location.sha256, sha256, sizeof location.sha256);
    struct db_call call = {
        SQL_ARTIFACT_FILE,
        .values = {[ARTIFACT_FILE_SHA256] = db_bytes(sha256, sizeof location.sha256),
                   [ARTIFACT_FILE_FILENAME] = db_text(filename)}};
    struct store_query query = {.call = &call, .columns = &columns};
    bool found = false;
    enum status status = store_run_one(store, &query, &location, &found, err);
    if (!status && !found) {
        return fail(err, STATUS_NOT_FOUND, NULL, "There is no file %s with this digest", filename);
    }
    if (!status) {
        *ret_location = location;
    }
    return status;
}

static int nibble(char c) {
    return is_digit(c) ? c - '0' : c - 'a' + 10;
}

static enum status decode_hex(const char *hex, const struct file_span *span, size_t *ret_len,
                              struct error *err) {
    size_t len = hex ? strlen(hex) / 2 : 0;
    if (!len || len > span->size) {
        return fail(err, STATUS_INTERNAL, NULL, "The database has lost a piece of a file");
    }
    for (size_t i = 0; i < len; i++) {
        span->room[i] = (char)(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
    }
    *ret_len = len;
    return STATUS_OK;
}

enum status store_file_read(struct store *store, const struct file_location *location,
                            const struct file_span *span, size_t *ret_len, struct error *err) {
    static const struct db_column column = {"bytes", DB_COLUMN_BORROWED, 0, 0};
    static const struct db_columns columns = {&column, 1, 0, NULL};
    struct db_call call = {
        SQL_BLOB_PIECE,
        .values = {
            [BLOB_PIECE_SHA256] = db_bytes(location->sha256, sizeof location->sha256),
            [BLOB_PIECE_POSITION] = db_int64(span->offset / location->piece_bytes),
            [BLOB_PIECE_START] = db_int64(span->offset % location->piece_bytes + 1),
            [BLOB_PIECE_LENGTH] = db_int64((int64_t)span->size),
        }};
    scoped(db_pool_end) struct db_loan loan = {0};
    scoped(db_rows_done) struct db_rows rows = {.columns = &columns};
    const char *hex = NULL;
    enum status status = db_pool_begin(store->pool, &loan, err);
    if (!status) {
        status = db_run(loan.db, &call, &rows, err);
    }
    if (!status) {
        status = db_rows_next(&rows, &hex, err);
    }
    return status ? status : decode_hex(hex, span, ret_len, err);
}
