// SPDX-License-Identifier: MIT
// Uploaded wheels and source distributions. An upload is one transaction of several statements: the bytes, where
// the file store keeps them in the database, the release unless it is there and agrees, the row of the file. Called
// by the threads of requests.
#include "registryd/store/store_handle.h"

#include "registryd/store/files/file_store.h"
#include "registryd/store/files/release_complete.h"
#include "registryd/store/files/store_paths.h"
#include "registryd/store/publish_write.h"
#include "registryd/store/store_candidates.h"
#include "schema/base/cleanup.h"
#include "schema/base/clock.h"
#include "schema/base/list.h"
#include "schema/digest.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BYTES_PER_SECOND = 2 * 1024 * 1024 }; // the slowest disk that is waited for

// One upload on the connection that writes it.
struct writing {
    struct db *db;
    const struct artifact_upload *upload;
    const struct file_store *files;  // where the bytes go
    struct sent_file sent;           // of the bytes, ahead of the transaction
    bool is_sent_used;               // the transaction refers to it
    struct artifact_outcome outcome; // filled as the parts are written
};

// The digest is the key of the bytes: two file names with the same bytes share them.
static struct db_value digest_of(const struct artifact *artifact) {
    return db_bytes(artifact->sha256, sizeof artifact->sha256);
}

static enum status add_blob(struct writing *writing, struct error *err) {
    static const struct db_column column = {"size", DB_COLUMN_INT64, 0, 0};
    static const struct db_columns columns = {&column, 1, 0, NULL};
    const struct artifact *artifact = writing->upload->artifact;
    struct db_call call = {SQL_BLOB_ADD, .values = {
                                             [BLOB_ADD_SHA256] = digest_of(artifact),
                                             [BLOB_ADD_SIZE] = db_int64((int64_t)artifact->size),
                                             [BLOB_ADD_PIECE_BYTES] = db_int64(BLOB_PIECE_BYTES),
                                         }};
    struct store_query query = {.call = &call, .columns = &columns};
    int64_t size = 0;
    bool is_new = false;
    enum status status = store_run_one_on(writing->db, &query, &size, &is_new, err);
    if (status) {
        return status;
    }
    // The same bytes may be there under another file name. A dry run keeps none, and writes none.
    if (!is_new || writing->upload->publisher.is_dry_run) {
        return STATUS_OK;
    }
    writing->is_sent_used = true;
    return writing->files->add(writing->db, writing->upload, &writing->sent, err);
}

// Written like any publish. When it was not written, the release is there already (and agrees), or another
// publisher was faster.
static enum status add_release(struct writing *writing, struct error *err) {
    const struct artifact_upload *upload = writing->upload;
    if (upload->completed) {
        return release_complete(writing->db, upload, &writing->outcome.point, err);
    }
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
                      "The upload conflicted with another publish or with a new contract; try "
                      "again");
}

// The statement looks at the states again, since they may have changed after the upload was
// checked. It then gives no row.
static enum status add_artifact(struct writing *writing, struct error *err) {
    const struct artifact_upload *upload = writing->upload;
    const struct artifact *artifact = upload->artifact;
    const struct valid_release *release = upload->release;
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
                [ARTIFACT_ADD_TAGS] = db_string_list(artifact->tags.items, artifact->tags.count),
                [ARTIFACT_ADD_METADATA] = db_text_of(artifact->metadata, artifact->metadata_len),
                [ARTIFACT_ADD_ACTOR] = db_text(upload->publisher.actor),
                [ARTIFACT_ADD_UPLOADED_AT] = db_text(upload->uploaded_at),
                [ARTIFACT_ADD_OWN_TERMS] = db_text(upload->own_terms),
            },
    };
    struct store_query query = {.call = &call, .columns = &store_point_columns};
    bool is_written = false;
    enum status status =
        store_run_one_on(writing->db, &query, &writing->outcome.point, &is_written, err);
    if (status) {
        return status;
    }
    if (!is_written) {
        return fail(err, STATUS_CONFLICT, NULL,
                    "%s %s takes no new files: the package is archived or quarantined, or "
                    "the release is quarantined",
                    release->normalized_name, release->normalized_version);
    }
    writing->outcome.created = true;
    return STATUS_OK;
}

static enum status add_attestations(struct writing *writing, struct error *err) {
    const struct artifact_upload *upload = writing->upload;
    struct db_call call = {
        SQL_ATTESTATIONS_ADD,
        .values = {[ATTESTATIONS_ADD_FILENAME] = db_text(upload->artifact->filename),
                   [ATTESTATIONS_ADD_BODY] = db_text(upload->attestations)}};
    return upload->attestations ? db_run(writing->db, &call, NULL, err) : STATUS_OK;
}

// In this order: the row of the file refers to the bytes and to the release.
static enum status write_parts(struct writing *writing, struct error *err) {
    enum status status = add_blob(writing, err);
    if (status) {
        return status;
    }
    status = add_release(writing, err);
    if (status) {
        return status;
    }
    status = add_artifact(writing, err);
    if (status) {
        return status;
    }
    status = store_paths_add(writing->db, writing->upload->artifact, err);
    return status ? status : add_attestations(writing, err);
}

// All or nothing: blob, pieces, release and file are in one transaction, so that no reader sees a
// file without its bytes.
static enum status write_all(struct writing *writing, struct error *err) {
    enum status status = db_run(writing->db, &(struct db_call){SQL_TRANSACTION_BEGIN}, NULL, err);
    if (status) {
        return status;
    }
    status = write_parts(writing, err);
    if (status || writing->upload->publisher.is_dry_run) {
        struct error at_end; // a connection that cannot even end its transaction is thrown away
        db_run(writing->db, &(struct db_call){SQL_TRANSACTION_END}, NULL, &at_end);
        return status;
    }
    return db_run(writing->db, &(struct db_call){SQL_TRANSACTION_COMMIT}, NULL, err);
}

// A large file may take longer than an ordinary call: one second more for every 2 MiB.
static enum status write_sent(struct store *store, struct writing *writing, struct error *err) {
    scoped(db_pool_end) struct db_loan loan = {0};
    enum status status = db_pool_begin(store->pool, &loan, err);
    if (status) {
        return status;
    }
    db_set_deadline(loan.db,
                    monotonic_ms() + db_pool_timeout_ms(store->pool) +
                        (int64_t)writing->upload->artifact->size * 1000 / BYTES_PER_SECOND);
    writing->db = loan.db;
    return write_all(writing, err);
}

// What was sent ahead and is not used is taken back, unless nobody knows: after UNKNOWN_OUTCOME the transaction may
// still be on its way, and the collector looks again when it has surely ended.
static enum status write_upload(struct store *store, const struct artifact_upload *upload,
                                struct artifact_outcome *ret_outcome, struct error *err) {
    struct writing writing = {.upload = upload, .files = file_store_in(store->new_files)};
    bool is_ahead = writing.files->send && !upload->publisher.is_dry_run;
    enum status status =
        is_ahead ? writing.files->send(store, upload, &writing.sent, err) : STATUS_OK;
    if (status) {
        return status;
    }
    status = write_sent(store, &writing, err);
    bool is_left = status ? status != STATUS_UNKNOWN_OUTCOME : !writing.is_sent_used;
    if (is_ahead && is_left) {
        writing.files->take_back(store, &writing.sent);
    }
    if (status) {
        return status;
    }
    *ret_outcome = writing.outcome;
    return STATUS_OK;
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

// A conflict is looked into once: sending the same file again must succeed, as every publish does.
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

// ---- the rows of files ----

static const struct db_column place_columns[] = {
    {"package", DB_COLUMN_TEXT, offsetof(struct artifact_location, package), 0},
    {"version", DB_COLUMN_TEXT, offsetof(struct artifact_location, version), 0},
    {"sha256", DB_COLUMN_TEXT, offsetof(struct artifact_location, sha256), 0},
    {"epoch", DB_COLUMN_CHARS, offsetof(struct artifact_location, point.epoch), EPOCH_SIZE},
    {"epoch_number", DB_COLUMN_INT64, offsetof(struct artifact_location, point.epoch_number), 0},
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
    if (status) {
        return status;
    }
    if (!found) {
        return fail(err, STATUS_NOT_FOUND, NULL, "There is no file %s", filename);
    }
    *ret_location = location;
    return STATUS_OK;
}

// Always one row: the file of this name, if there is one, and whether a quarantine is in force, so
// that the upload can be refused before its bytes are read.
enum status store_upload_place(struct store *store, struct arena *arena,
                               const struct upload_place_query *query,
                               struct upload_place *ret_place, struct error *err) {
    static const struct db_column own_columns[] = {
        {"quarantined", DB_COLUMN_BOOL, offsetof(struct upload_place, quarantined), 0},
        {"closed", DB_COLUMN_BOOL, offsetof(struct upload_place, closed), 0},
    };
    static const struct db_columns own = {own_columns, COUNT_OF(own_columns), 0, NULL};
    static const struct db_columns columns = {place_columns, COUNT_OF(place_columns),
                                              offsetof(struct upload_place, location), &own};
    struct db_call call = {SQL_UPLOAD_PLACE,
                           .values = {[UPLOAD_PLACE_FILENAME] = db_text(query->filename),
                                      [UPLOAD_PLACE_PACKAGE] = db_text(query->package),
                                      [UPLOAD_PLACE_VERSION] = db_text(query->version),
                                      [UPLOAD_PLACE_OPEN_DAYS] = db_int64(query->open_days)}};
    struct store_query statement = {.call = &call, .columns = &columns, .arena = arena};
    bool found = false;
    return store_run_one(store, &statement, ret_place, &found, err);
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
    {"own_terms", DB_COLUMN_TEXT, AT(own_terms), 0},
    {"own_words", DB_COLUMN_TEXT, AT(own_words), 0},
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
    if (status) {
        return status;
    }
    *ret_rows = (struct artifact_rows){list.items, list.count};
    return STATUS_OK;
}

// ---- the files of the releases that an answer names ----

#define AT(member) offsetof(struct release_file, member)
static const struct db_column file_columns[] = {
    {"position", DB_COLUMN_INT64, AT(position), 0},
    {"filename", DB_COLUMN_TEXT, AT(filename), 0},
    {"kind", DB_COLUMN_TEXT, AT(kind), 0},
    {"sha256", DB_COLUMN_TEXT, AT(sha256), 0},
    {"tags", DB_COLUMN_TEXT, AT(tags), 0},
    {"size", DB_COLUMN_INT64, AT(size), 0},
    {"uploaded_at", DB_COLUMN_TEXT, AT(uploaded_at), 0},
    {"requires_python", DB_COLUMN_TEXT, AT(requires_python), 0},
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
    if (status) {
        return status;
    }
    *ret_files = (struct release_files){list.items, list.count};
    return STATUS_OK;
}
