// SPDX-License-Identifier: MIT
// Publishing artifacts: everything an upload makes is one transaction. The bytes go first, piece by
// piece, because they take long and nobody waits for them; what others wait for (the package's row,
// then the counter of changes) is taken last, in the order in which releases take it.
#include "registryd/store/store_handle.h"

#include "registryd/store/publish_conflict.h"
#include "registryd/store/publish_write.h"
#include "schema/base/cleanup.h"
#include "schema/digest.h"
#include "schema/base/list.h"
#include "schema/base/clock.h"

#include <string.h>

enum {
    PIECE_BYTES = 256 * 1024,
    BYTES_PER_SECOND = 2 * 1024 * 1024, // the slowest disk that is waited for
};

// One upload on the connection that writes it.
struct writing {
    struct db *db;
    const struct artifact_upload *upload;
    struct artifact_outcome outcome;
};

static struct db_value digest_of(const struct artifact *artifact) {
    return db_bytes(artifact->sha256, sizeof artifact->sha256);
}

static enum status add_pieces(const struct writing *writing, struct error *err) {
    const struct artifact *artifact = writing->upload->artifact;
    for (size_t at = 0; at < artifact->size; at += PIECE_BYTES) {
        size_t left = artifact->size - at;
        size_t len = left < PIECE_BYTES ? left : PIECE_BYTES;
        struct db_call call = {
            SQL_BLOB_PIECE_ADD,
            .values = {
                [BLOB_PIECE_ADD_SHA256] = digest_of(artifact),
                [BLOB_PIECE_ADD_POSITION] = db_int64((int64_t)(at / PIECE_BYTES)),
                [BLOB_PIECE_ADD_BYTES] = db_bytes(writing->upload->bytes + at, len),
            }};
        enum status status = db_run(writing->db, &call, NULL, err);
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

static enum status add_blob(struct writing *writing, struct error *err) {
    static const struct db_column column = {"size", DB_COLUMN_INT64, 0, 0};
    static const struct db_columns columns = {&column, 1, 0, NULL};
    const struct artifact *artifact = writing->upload->artifact;
    struct db_call call = {SQL_BLOB_ADD, .values = {
                                             [BLOB_ADD_SHA256] = digest_of(artifact),
                                             [BLOB_ADD_SIZE] = db_int64((int64_t)artifact->size),
                                             [BLOB_ADD_PIECE_BYTES] = db_int64(PIECE_BYTES),
                                         }};
    scoped(db_rows_done) struct db_rows rows = {.columns = &columns};
    int64_t size = 0;
    enum status status = db_run(writing->db, &call, &rows, err);
    if (!status) {
        status = db_rows_next(&rows, &size, err);
    }
    return status || !rows.found ? status : add_pieces(writing, err);
}

static enum status add_release(struct writing *writing, struct error *err) {
    const struct artifact_upload *upload = writing->upload;
    if (upload->is_agreed) {
        return STATUS_OK;
    }
    struct publish_job job = {.release = upload->release, .publisher = &upload->publisher};
    struct publish_job *const jobs[] = {&job};
    enum status status = publish_write(writing->db, jobs, 1, err);
    if (status || job.outcome.created) {
        return status;
    }
    struct publish_outcome outcome;
    bool is_there = false;
    status = publish_conflict(writing->db, &job, &outcome, &is_there, err);
    return status || (is_there && !outcome.is_unchecked)
               ? status
               : fail(err, STATUS_UNAVAILABLE, NULL,
                      "Another publish or a new contract was in the way; try again");
}

static enum status add_artifact(struct writing *writing, struct error *err) {
    const struct artifact_upload *upload = writing->upload;
    const struct artifact *artifact = upload->artifact;
    const struct valid_release *release = upload->release;
    scoped(cleanup_memory) struct text *tags = calloc(artifact->tags.count + 1, sizeof *tags);
    if (!tags) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < artifact->tags.count; i++) {
        tags[i] = text_from(artifact->tags.items[i]);
    }
    struct db_call call = {
        SQL_ARTIFACT_ADD,
        .values =
            {
                [ARTIFACT_ADD_PACKAGE] = db_text(release->normalized_name),
                [ARTIFACT_ADD_VERSION] = db_text(release->normalized_version),
                [ARTIFACT_ADD_FILENAME] = db_text(artifact->filename),
                [ARTIFACT_ADD_KIND] = db_text(artifact->kind == ARTIFACT_WHEEL ? "wheel" : "sdist"),
                [ARTIFACT_ADD_SIZE] = db_int64((int64_t)artifact->size),
                [ARTIFACT_ADD_SHA256] = digest_of(artifact),
                [ARTIFACT_ADD_TAGS] = db_text_list(tags, artifact->tags.count),
                [ARTIFACT_ADD_METADATA] = db_text_of(artifact->metadata, artifact->metadata_len),
                [ARTIFACT_ADD_ACTOR] = db_text(upload->publisher.actor),
            },
    };
    scoped(db_rows_done) struct db_rows rows = {.columns = &store_point_columns};
    enum status status = db_run(writing->db, &call, &rows, err);
    if (!status) {
        status = db_rows_next(&rows, &writing->outcome.point, err);
    }
    if (!status && !rows.found) {
        return fail(err, STATUS_CONFLICT, NULL,
                    "%s %s takes no new files: the package is archived or quarantined, or "
                    "the release is quarantined",
                    release->normalized_name, release->normalized_version);
    }
    writing->outcome.created = !status;
    return status;
}

static enum status write_all(struct writing *writing, struct error *err) {
    typedef enum status step(struct writing * writing, struct error * err);
    static step *const steps[] = {add_blob, add_release, add_artifact};
    enum status status = db_run(writing->db, &(struct db_call){SQL_TRANSACTION_BEGIN}, NULL, err);
    for (size_t i = 0; i < COUNT_OF(steps) && !status; i++) {
        status = steps[i](writing, err);
    }
    if (!status) {
        return db_run(writing->db, &(struct db_call){SQL_TRANSACTION_COMMIT}, NULL, err);
    }
    struct error at_end; // a connection that cannot even end its transaction is thrown away
    db_run(writing->db, &(struct db_call){SQL_TRANSACTION_END}, NULL, &at_end);
    return status;
}

static enum status write_upload(struct store *store, const struct artifact_upload *upload,
                                struct artifact_outcome *ret_outcome, struct error *err) {
    scoped(db_pool_end) struct db_loan loan = {0};
    enum status status = db_pool_begin(store->pool, &loan, err);
    if (status) {
        return status;
    }
    db_set_deadline(loan.db, monotonic_ms() + db_pool_timeout_ms(store->pool) +
                                 (int64_t)upload->artifact->size * 1000 / BYTES_PER_SECOND);
    struct writing writing = {.db = loan.db, .upload = upload};
    status = write_all(&writing, err);
    if (!status) {
        *ret_outcome = writing.outcome;
    }
    return status;
}

CLEANUP_DEFINE(struct arena *, free_arena, arena_free)

// What stands in the way of the file name: the same file, another, or (NOT_FOUND) nothing.
static enum status settle(struct store *store, const struct artifact *artifact,
                          struct artifact_outcome *ret_outcome, struct error *err) {
    struct artifact_location location;
    char digest[DIGEST_HEX_SIZE];
    scoped(free_arena) struct arena *arena = arena_new(0);
    if (!arena) {
        return fail_no_memory(err);
    }
    digest_hex(artifact->sha256, digest);
    enum status status = store_artifact_find(store, arena, artifact->filename, &location, err);
    if (status) {
        return status;
    }
    if (strcmp(location.sha256, digest) != 0) {
        return fail(err, STATUS_CONFLICT, NULL,
                    "%s is published already, with other bytes; a file never changes: publish "
                    "under a new version or build number",
                    artifact->filename);
    }
    *ret_outcome = (struct artifact_outcome){.point = location.point};
    return STATUS_OK;
}

enum status store_artifact_publish(struct store *store, const struct artifact_upload *upload,
                                   struct artifact_outcome *ret_outcome, struct error *err) {
    struct error reason;
    struct artifact_outcome outcome;
    enum status status = write_upload(store, upload, &outcome, &reason);
    if (status == STATUS_CONFLICT) {
        struct error found;
        status = settle(store, upload->artifact, &outcome, &found);
        reason = status == STATUS_NOT_FOUND ? reason : found;
    }
    if (status) {
        return fail(err, reason.status, reason.where, "%s", reason.message);
    }
    *ret_outcome = outcome;
    return STATUS_OK;
}
