// SPDX-License-Identifier: MIT
// The file store in PostgreSQL: the bytes of a file are rows of 256 KiB, written by the transaction that publishes
// it. Nothing is left when that transaction fails, and a backup of the database holds every file.
#include "registryd/store/files/file_store.h"

#include "schema/base/cleanup.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Pieces of 256 KiB, because a parameter is held in memory whole, here and in the server.
static enum status add_pieces(struct db *db, const struct artifact_upload *upload,
                              const struct sent_file *sent, struct error *err) {
    (void)sent;
    const struct artifact *artifact = upload->artifact;
    scoped(cleanup_memory) char *piece = malloc(BLOB_PIECE_BYTES);
    if (!piece) {
        return fail_no_memory(err);
    }
    for (size_t at = 0; at < artifact->size; at += BLOB_PIECE_BYTES) {
        size_t left = artifact->size - at;
        size_t len = left < BLOB_PIECE_BYTES ? left : BLOB_PIECE_BYTES;
        if (pread(upload->fd, piece, len, (off_t)at) != (ssize_t)len) {
            return fail(err, STATUS_IO, NULL, "The received file cannot be read again");
        }
        struct db_call call = {
            SQL_BLOB_PIECE_ADD,
            .values = {
                [BLOB_PIECE_ADD_SHA256] = db_bytes(artifact->sha256, sizeof artifact->sha256),
                [BLOB_PIECE_ADD_POSITION] = db_int64((int64_t)(at / BLOB_PIECE_BYTES)),
                [BLOB_PIECE_ADD_BYTES] = db_bytes(piece, len),
            }};
        enum status status = db_run(db, &call, NULL, err);
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

// PostgreSQL's encode(…, 'hex') writes lower case.
static int nibble(char c) {
    return is_digit(c) ? c - '0' : c - 'a' + 10;
}

// The statement sends the bytes as hexadecimal digits, because results are read in text form. The digits are
// its own, so they are not checked again.
static enum status decode_hex(const char *hex, const struct file_span *span, size_t *ret_len,
                              struct error *err) {
    size_t len = hex ? strlen(hex) / 2 : 0;
    if (!len || len > span->size) {
        return fail(err, STATUS_NOT_FOUND, NULL, "The piece of the file was not found");
    }
    for (size_t i = 0; i < len; i++) {
        span->room[i] = (char)(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
    }
    *ret_len = len;
    return STATUS_OK;
}

static enum status read_piece(struct store *store, const struct file_location *location,
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
    enum status status = db_pool_begin(store->pool, &loan, err);
    if (status) {
        return status;
    }
    status = db_run(loan.db, &call, &rows, err);
    if (status) {
        return status;
    }
    const char *hex = NULL; // borrowed from `rows`
    status = db_rows_next(&rows, &hex, err);
    return status ? status : decode_hex(hex, span, ret_len, err);
}

const struct file_store database_files = {
    .add = add_pieces,
    .read = read_piece,
};
