// SPDX-License-Identifier: MIT
// One file is one step: copy, read the copy back and hash it, then let one statement change the place. Killed in between,
// a step leaves either the old place and an object that is collected later, or the new place. Nothing is noted but the
// place of each blob, so a move goes on wherever it was interrupted, and two moves at once only lose time. A publish of
// the same bytes finds the blob in either place and sends nothing. Called by the thread of a request.
#include "registryd/store/files/store_moves.h"

#include "registryd/object_store/object_store.h"
#include "registryd/store/files/file_store.h"
#include "registryd/store/files/object_claims.h"
#include "schema/base/cleanup.h"
#include "schema/base/clock.h"
#include "schema/base/list.h"
#include "schema/digest.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum {
    BATCH_MAX = 32,                     // blobs that one look-up names
    BYTES_PER_SECOND = 2 * 1024 * 1024, // the slowest disk that is waited for
    COPY_BYTES = 1024 * 1024,
};

struct blob_row {
    const char *sha256; // hex
    int64_t size;
    char object_key[FILE_KEY_SIZE];
    int64_t left;
    int64_t left_bytes;
};

// A blob on its way.
struct moving {
    struct store *store;
    struct file_location location; // where it is
    char *room;                    // COPY_BYTES
};

// ---- reading and hashing ----

static enum status read_whole_span(void *context, int64_t offset, char *room, size_t size,
                                   struct error *err) {
    struct moving *moving = context;
    for (size_t at = 0; at < size;) {
        const struct file_span span = {offset + (int64_t)at, room + at, size - at};
        size_t len = 0;
        enum status status = store_file_read(moving->store, &moving->location, &span, &len, err);
        if (status) {
            return status;
        }
        at += len;
    }
    return STATUS_OK;
}

typedef enum status take_span(void *context, int64_t offset, struct text bytes, struct error *err);

// Reads the blob to its end, hands each span on (`take_bytes` may be NULL), and compares the digest.
static enum status read_verified(struct moving *moving, take_span *take_bytes, void *context,
                                 struct error *err) {
    crypto_hash_sha256_state state;
    uint8_t digest[DIGEST_SIZE];
    crypto_hash_sha256_init(&state);
    for (int64_t at = 0; at < moving->location.size; at += COPY_BYTES) {
        int64_t left = moving->location.size - at;
        size_t len = left < COPY_BYTES ? (size_t)left : COPY_BYTES;
        enum status status = read_whole_span(moving, at, moving->room, len, err);
        if (status) {
            return status;
        }
        crypto_hash_sha256_update(&state, (const uint8_t *)moving->room, len);
        status =
            take_bytes ? take_bytes(context, at, (struct text){moving->room, len}, err) : STATUS_OK;
        if (status) {
            return status;
        }
    }
    crypto_hash_sha256_final(&state, digest);
    return memcmp(digest, moving->location.sha256, DIGEST_SIZE) == 0
               ? STATUS_OK
               : fail(err, STATUS_MALFORMED, NULL, "The bytes in the %s are not those of the file",
                      *moving->location.object_key ? "object store" : "database");
}

static struct db_value digest_of(const struct moving *moving) {
    return db_bytes(moving->location.sha256, DIGEST_SIZE);
}

// Whether the statement that changes the place has done so.
static enum status run_move(struct db *db, const struct db_call *call, struct error *err) {
    static const struct db_column column = {"is_moved", DB_COLUMN_BOOL, 0, 0};
    static const struct db_columns columns = {&column, 1, 0, NULL};
    struct store_query query = {.call = call, .columns = &columns};
    bool is_moved = false;
    bool is_there = false;
    enum status status = store_run_one_on(db, &query, &is_moved, &is_there, err);
    if (status) {
        return status;
    }
    return is_moved ? STATUS_OK
                    : fail(err, STATUS_CONFLICT, NULL, "The file was moved by another command");
}

// ---- into the object store ----

static enum status write_object(struct moving *moving, const char *key, struct error *err) {
    const struct object_bytes bytes = {
        .source = {read_whole_span, moving, moving->location.size},
        .sha256 = moving->location.sha256,
    };
    return object_write(moving->store->objects, key, &bytes, err);
}

static enum status change_to_object(struct moving *moving, const char *key, struct error *err) {
    struct db_call call = {SQL_BLOB_MOVE_TO_OBJECT,
                           .values = {[BLOB_MOVE_TO_OBJECT_SHA256] = digest_of(moving),
                                      [BLOB_MOVE_TO_OBJECT_KEY] = db_text(key)}};
    struct moving copy = *moving;
    memcpy(copy.location.object_key, key, FILE_KEY_SIZE);
    enum status status = read_verified(&copy, NULL, NULL, err);
    if (status) {
        return status;
    }
    scoped(db_pool_end) struct db_loan loan = {0};
    status = db_pool_begin(moving->store->pool, &loan, err);
    if (status) {
        return status;
    }
    db_set_deadline(loan.db, monotonic_ms() + db_pool_timeout_ms(moving->store->pool) +
                                 moving->location.size * 1000 / BYTES_PER_SECOND);
    return run_move(loan.db, &call, err);
}

// The bytes in the database are hashed first: a store would refuse others, without saying that the file is the fault.
static enum status move_to_object(struct moving *moving, struct error *err) {
    char key[FILE_KEY_SIZE];
    enum status status = read_verified(moving, NULL, NULL, err);
    if (status) {
        return status;
    }
    status = object_claim_begin(moving->store, moving->location.sha256, key, err);
    if (status) {
        return status;
    }
    status = write_object(moving, key, err);
    if (status) {
        object_claim_give_up(moving->store, key, false);
        return status;
    }
    status = change_to_object(moving, key, err);
    if (status && status != STATUS_UNKNOWN_OUTCOME) {
        object_claim_give_up(moving->store, key, true);
    }
    return status;
}

// ---- back into the database ----

struct piece_writing {
    struct db *db;
    const struct moving *moving;
};

static enum status add_pieces(void *context, int64_t offset, struct text bytes, struct error *err) {
    const struct piece_writing *pieces = context;
    for (size_t at = 0; at < bytes.len; at += BLOB_PIECE_BYTES) {
        size_t left = bytes.len - at;
        size_t len = left < BLOB_PIECE_BYTES ? left : BLOB_PIECE_BYTES;
        struct db_call call = {
            SQL_BLOB_PIECE_ADD,
            .values = {
                [BLOB_PIECE_ADD_SHA256] = digest_of(pieces->moving),
                [BLOB_PIECE_ADD_POSITION] = db_int64((offset + (int64_t)at) / BLOB_PIECE_BYTES),
                [BLOB_PIECE_ADD_BYTES] = db_bytes(bytes.ptr + at, len),
            }};
        enum status status = db_run(pieces->db, &call, NULL, err);
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

static enum status copy_and_change(struct moving *moving, struct db *db, struct error *err) {
    struct piece_writing pieces = {db, moving};
    struct db_call call = {
        SQL_BLOB_MOVE_TO_PIECES,
        .values = {[BLOB_MOVE_TO_PIECES_SHA256] = digest_of(moving),
                   [BLOB_MOVE_TO_PIECES_SECONDS] = db_int64(moving->store->grace_seconds)}};
    enum status status = read_verified(moving, add_pieces, &pieces, err);
    return status ? status : run_move(db, &call, err);
}

static enum status write_pieces(struct moving *moving, struct db *db, struct error *err) {
    enum status status = db_run(db, &(struct db_call){SQL_TRANSACTION_BEGIN}, NULL, err);
    if (status) {
        return status;
    }
    status = copy_and_change(moving, db, err);
    if (status) {
        struct error at_end; // a connection that cannot even end its transaction is thrown away
        db_run(db, &(struct db_call){SQL_TRANSACTION_END}, NULL, &at_end);
        return status;
    }
    return db_run(db, &(struct db_call){SQL_TRANSACTION_COMMIT}, NULL, err);
}

static enum status move_to_pieces(struct moving *moving, struct error *err) {
    scoped(db_pool_end) struct db_loan loan = {0};
    enum status status = db_pool_begin(moving->store->pool, &loan, err);
    if (status) {
        return status;
    }
    db_set_deadline(loan.db, monotonic_ms() + db_pool_timeout_ms(moving->store->pool) +
                                 moving->location.size * 2000 / BYTES_PER_SECOND);
    return write_pieces(moving, loan.db, err);
}

// ---- a stretch ----

static enum status load_batch(struct store *store, struct arena *arena,
                              const struct file_move *move, struct store_list *list,
                              struct error *err) {
#define AT(member) offsetof(struct blob_row, member)
    static const struct db_column items[] = {
        {"sha256", DB_COLUMN_TEXT, AT(sha256), 0},
        {"size", DB_COLUMN_INT64, AT(size), 0},
        {"object_key", DB_COLUMN_CHARS, AT(object_key), FILE_KEY_SIZE},
        {"left", DB_COLUMN_INT64, AT(left), 0},
        {"left_bytes", DB_COLUMN_INT64, AT(left_bytes), 0},
    };
#undef AT
    static const struct db_columns columns = {items, COUNT_OF(items), 0, NULL};
    struct db_call call = {
        SQL_BLOBS_TO_MOVE,
        .values = {[BLOBS_TO_MOVE_TO_OBJECTS] = db_bool(move->to == FILE_IN_OBJECTS),
                   [BLOBS_TO_MOVE_AFTER] = db_text(move->after),
                   [BLOBS_TO_MOVE_LIMIT] = db_int64(BATCH_MAX)}};
    struct store_query query = {.call = &call, .columns = &columns, .arena = arena};
    return store_run_many(store, &query, list, err);
}

static enum status move_one(struct store *store, const struct blob_row *row, char *room,
                            struct error *err) {
    struct moving moving = {
        .store = store,
        .room = room,
        .location = {.size = row->size, .piece_bytes = BLOB_PIECE_BYTES},
    };
    sodium_hex2bin(moving.location.sha256, DIGEST_SIZE, row->sha256, strlen(row->sha256), NULL,
                   NULL, NULL);
    memcpy(moving.location.object_key, row->object_key, FILE_KEY_SIZE);
    return *row->object_key ? move_to_pieces(&moving, err) : move_to_object(&moving, err);
}

// A fault of one file is noted, and the others are moved; a place that is away ends the stretch.
static enum status note(struct arena *arena, const struct blob_row *row, enum status status,
                        struct file_move_outcome *outcome, struct error *err) {
    if (!status) {
        outcome->moved++;
        outcome->moved_bytes += row->size;
        return STATUS_OK;
    }
    if (status == STATUS_CONFLICT) { // another command was quicker
        return STATUS_OK;
    }
    if (status != STATUS_MALFORMED && status != STATUS_INTERNAL) {
        return status;
    }
    const char *reason = arena_strdup(arena, err->message);
    if (!reason) {
        return fail_no_memory(err);
    }
    outcome->problems[outcome->problem_count++] = (struct file_move_problem){row->sha256, reason};
    return STATUS_OK;
}

enum status store_files_move(struct store *store, struct arena *arena, const struct file_move *move,
                             struct file_move_outcome *ret_outcome, struct error *err) {
    struct store_list list = {.item_size = sizeof(struct blob_row)};
    struct file_move_outcome outcome = {
        .problems = arena_array(arena, BATCH_MAX, sizeof *outcome.problems)};
    scoped(cleanup_memory) char *room = malloc(COPY_BYTES);
    if (!room || !outcome.problems) {
        return fail_no_memory(err);
    }
    if (!store->objects) {
        return fail(err, STATUS_CONFLICT, NULL,
                    "registryd was started without an object store (--files)");
    }
    enum status status = load_batch(store, arena, move, &list, err);
    if (status) {
        return status;
    }
    const struct blob_row *rows = list.items;
    size_t done = 0;
    outcome.left = list.count ? rows[0].left : 0;
    outcome.left_bytes = list.count ? rows[0].left_bytes : 0;
    while (done < list.count && (!done || monotonic_ms() < move->until_ms)) {
        status = note(arena, &rows[done], move_one(store, &rows[done], room, err), &outcome, err);
        if (status) {
            return status;
        }
        outcome.left--;
        outcome.left_bytes -= rows[done].size;
        outcome.next = rows[done++].sha256;
    }
    outcome.next = outcome.left ? outcome.next : NULL;
    *ret_outcome = outcome;
    return STATUS_OK;
}
