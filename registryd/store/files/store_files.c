// SPDX-License-Identifier: MIT
// Where the bytes of a file are, and reading them: a look-up that also tells of a quarantine, then the file store of
// that place. One buffer is held, however large the file. Called by the threads of requests, also while they send.
#include "registryd/store/files/file_store.h"

#include "schema/base/cleanup.h"
#include "schema/base/list.h"

#include <string.h>

// By place, as enum file_place counts.
static const struct file_store *const stores[] = {
    [FILE_IN_DATABASE] = &database_files,
};

const struct file_store *file_store_in(enum file_place place) {
    return stores[place];
}

enum status store_refuse_quarantined(const char *filename, struct error *err) {
    return fail(err, STATUS_FORBIDDEN, NULL,
                "The file %s cannot be downloaded: its package or release is quarantined",
                filename);
}

enum status store_file_find(struct store *store, const uint8_t sha256[32], const char *filename,
                            struct file_location *ret_location, struct error *err) {
    static const struct db_column items[] = {
        {"size", DB_COLUMN_INT64, offsetof(struct file_location, size), 0},
        {"piece_bytes", DB_COLUMN_INT64, offsetof(struct file_location, piece_bytes), 0},
        {"quarantined", DB_COLUMN_BOOL, offsetof(struct file_location, quarantined), 0},
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
    if (status) {
        return status;
    }
    if (!found) {
        return fail(err, STATUS_NOT_FOUND, NULL, "There is no file %s with this digest", filename);
    }
    if (location.quarantined) {
        return store_refuse_quarantined(filename, err);
    }
    *ret_location = location;
    return STATUS_OK;
}

enum status store_file_read(struct store *store, const struct file_location *location,
                            const struct file_span *span, size_t *ret_len, struct error *err) {
    return file_store_in(FILE_IN_DATABASE)->read(store, location, span, ret_len, err);
}
