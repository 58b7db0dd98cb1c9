// SPDX-License-Identifier: MIT
// A file store keeps the bytes of files; which files there are, of which release and under which name, stands in the
// database alone. Each place where bytes can be is a row of one table. Internal to the store.
#pragma once

#include "registryd/store/store_handle.h"

enum file_place { FILE_IN_DATABASE };

enum { BLOB_PIECE_BYTES = 256 * 1024 }; // of a file, in one row of the database

struct file_store {
    // Keeps the bytes of an upload, in the transaction that has added the row of the blob.
    enum status (*add)(struct db *db, const struct artifact_upload *upload, struct error *err);
    // As store_file_read.
    enum status (*read)(struct store *store, const struct file_location *location,
                        const struct file_span *span, size_t *ret_len, struct error *err);
};

extern const struct file_store database_files;

const struct file_store *file_store_in(enum file_place place);
