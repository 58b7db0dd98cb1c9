// SPDX-License-Identifier: MIT
// A file store keeps the bytes of files; which files there are, of which release and under which name, stands in the
// database alone. Each place where bytes can be is a row of one table. Internal to the store.
#pragma once

#include "registryd/store/store_handle.h"

enum { BLOB_PIECE_BYTES = 256 * 1024 }; // of a file, in one row of the database

// What was sent ahead of a transaction.
struct sent_file {
    char key[FILE_KEY_SIZE]; // empty: nothing was
};

struct file_store {
    // Before the transaction, which may last no longer than it must: sends bytes to where the transaction cannot reach.
    // NULL: all bytes are written in the transaction.
    enum status (*send)(struct store *store, const struct artifact_upload *upload,
                        struct sent_file *ret_sent, struct error *err);
    // In the transaction that has added the row of the blob.
    enum status (*add)(struct db *db, const struct artifact_upload *upload,
                       const struct sent_file *sent, struct error *err);
    // After a transaction that has ended without it. Does not fail: what cannot be taken back now is collected later.
    void (*take_back)(struct store *store, const struct sent_file *sent);
    // As store_file_read; NOT_FOUND: the bytes are not here.
    enum status (*read)(struct store *store, const struct file_location *location,
                        const struct file_span *span, size_t *ret_len, struct error *err);
};

extern const struct file_store database_files; // database_files.c
extern const struct file_store object_files;   // object_files.c

const struct file_store *file_store_in(enum file_place place);
enum file_place file_place_of(const struct file_location *location);

// Where the bytes of a blob are now: the key of their object, or nothing in the database. Fails with: NOT_FOUND.
enum status blob_place_load(struct store *store, const uint8_t sha256[32],
                            char ret_key[FILE_KEY_SIZE], struct error *err);
