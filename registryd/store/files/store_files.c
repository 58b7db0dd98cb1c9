// SPDX-License-Identifier: MIT
// Where the bytes of a file are, and reading them: a look-up that also tells of a quarantine, then the file store of
// that place. One buffer is held, however large the file. Called by the threads of requests, also while they send.
#include "registryd/store/files/file_store.h"

#include "registryd/object_store/object_store.h"
#include "schema/base/cleanup.h"
#include "schema/base/list.h"
#include "schema/digest.h"

#include <string.h>

// By place, as enum file_place counts.
static const struct file_store *const stores[] = {
    [FILE_IN_DATABASE] = &database_files,
    [FILE_IN_OBJECTS] = &object_files,
};

enum {
    OBJECT_SPAN_BYTES = 1024 * 1024,
    PRESIGNED_SECONDS = 60, // a client follows a redirect at once
};

const struct file_store *file_store_in(enum file_place place) {
    return stores[place];
}

enum file_place file_place_of(const struct file_location *location) {
    return *location->object_key ? FILE_IN_OBJECTS : FILE_IN_DATABASE;
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
        {"object_key", DB_COLUMN_CHARS, offsetof(struct file_location, object_key), FILE_KEY_SIZE},
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

enum status blob_place_load(struct store *store, const uint8_t sha256[32],
                            char ret_key[FILE_KEY_SIZE], struct error *err) {
    static const struct db_column column = {"object_key", DB_COLUMN_CHARS, 0, FILE_KEY_SIZE};
    static const struct db_columns columns = {&column, 1, 0, NULL};
    struct db_call call = {SQL_BLOB_PLACE,
                           .values = {[BLOB_PLACE_SHA256] = db_bytes(sha256, DIGEST_SIZE)}};
    struct store_query query = {.call = &call, .columns = &columns};
    bool is_there = false;
    enum status status = store_run_one(store, &query, ret_key, &is_there, err);
    if (status) {
        return status;
    }
    return is_there ? STATUS_OK : fail(err, STATUS_NOT_FOUND, NULL, "The bytes were not found");
}

// Whether the bytes are elsewhere than they were. *location then says where.
static enum status find_again(struct store *store, struct file_location *location,
                              struct error *err) {
    char key[FILE_KEY_SIZE];
    enum status status = blob_place_load(store, location->sha256, key, err);
    if (status) {
        return status;
    }
    if (strcmp(key, location->object_key) == 0) {
        return fail(err, STATUS_INTERNAL, NULL, "The %s has lost bytes of a file",
                    *key ? "object store" : "database");
    }
    memcpy(location->object_key, key, sizeof key);
    return STATUS_OK;
}

enum status store_file_read(struct store *store, struct file_location *location,
                            const struct file_span *span, size_t *ret_len, struct error *err) {
    enum status status =
        file_store_in(file_place_of(location))->read(store, location, span, ret_len, err);
    if (status != STATUS_NOT_FOUND) {
        return status;
    }
    status = find_again(store, location, err);
    return status
               ? status
               : file_store_in(file_place_of(location))->read(store, location, span, ret_len, err);
}

size_t store_file_span_bytes(const struct file_location *location) {
    size_t most = *location->object_key ? OBJECT_SPAN_BYTES : BLOB_PIECE_BYTES;
    return location->size < (int64_t)most ? (size_t)location->size : most;
}

enum status store_file_presign(struct store *store, struct arena *arena,
                               const struct file_location *location, const char *disposition,
                               const char **ret_url, struct error *err) {
    const struct object_address address = {location->object_key, disposition, PRESIGNED_SECONDS};
    if (!*location->object_key || !store->objects) {
        *ret_url = NULL;
        return STATUS_OK;
    }
    const char *url = object_presign(store->objects, arena, &address);
    if (!url) {
        return fail_no_memory(err);
    }
    *ret_url = url;
    return STATUS_OK;
}

void store_object_stats(struct store *store, struct object_stats *ret_stats) {
    struct object_gate_counts counts = {0};
    if (store->objects) {
        object_store_counts(store->objects, &counts);
    }
    *ret_stats = (struct object_stats){counts.calls, counts.failures};
}
