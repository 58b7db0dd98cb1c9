// SPDX-License-Identifier: MIT
// The file store in an object store. The bytes go there before the transaction begins, so that a slow store holds no
// connection to the database and no lock; the transaction then only refers to them. Same bytes that are there already
// are not sent again.
#include "registryd/store/files/file_store.h"

#include "registryd/object_store/object_store.h"
#include "registryd/store/files/object_claims.h"

#include <string.h>
#include <unistd.h>

static enum status read_upload(void *context, int64_t offset, char *room, size_t size,
                               struct error *err) {
    const struct artifact_upload *upload = context;
    return pread(upload->fd, room, size, (off_t)offset) == (ssize_t)size
               ? STATUS_OK
               : fail(err, STATUS_IO, NULL, "The received file cannot be read again");
}

static void take_back(struct store *store, const struct sent_file *sent) {
    if (*sent->key) {
        object_claim_give_up(store, sent->key, true);
    }
}

static enum status send_object(struct store *store, const struct artifact_upload *upload,
                               struct sent_file *ret_sent, struct error *err) {
    const struct artifact *artifact = upload->artifact;
    struct sent_file sent = {.key = ""};
    char there[FILE_KEY_SIZE];
    enum status status = blob_place_load(store, artifact->sha256, there, err);
    if (status != STATUS_NOT_FOUND) {
        return status; // OK: blobs stay, so the transaction finds it as well
    }
    status = object_claim_begin(store, artifact->sha256, sent.key, err);
    if (status) {
        return status;
    }
    const struct object_bytes bytes = {
        .source = {read_upload, (void *)upload, (int64_t)artifact->size},
        .sha256 = artifact->sha256,
    };
    status = object_write(store->objects, sent.key, &bytes, err);
    if (status) {
        object_claim_give_up(store, sent.key, false);
        return status;
    }
    *ret_sent = sent;
    return STATUS_OK;
}

static enum status refer(struct db *db, const struct artifact_upload *upload,
                         const struct sent_file *sent, struct error *err) {
    return *sent->key ? object_claim_use(db, upload->artifact->sha256, sent->key, err)
                      : fail(err, STATUS_INTERNAL, NULL, "The bytes of a new file were not sent");
}

// Some stores take the 0 of "bytes=0-0" for no end at all, and send everything.
static enum status read_first_byte(struct store *store, const struct file_location *location,
                                   char *room, struct error *err) {
    char two[2];
    const struct object_span wanted = {0, two, location->size < 2 ? 1 : 2};
    enum status status = object_read(store->objects, location->object_key, &wanted, err);
    if (status) {
        return status;
    }
    *room = two[0];
    return STATUS_OK;
}

static enum status read_object(struct store *store, const struct file_location *location,
                               const struct file_span *span, size_t *ret_len, struct error *err) {
    int64_t left = location->size - span->offset;
    size_t len = (int64_t)span->size < left ? span->size : (size_t)left;
    const struct object_span wanted = {span->offset, span->room, len};
    if (!store->objects) {
        return fail(err, STATUS_UNAVAILABLE, NULL,
                    "The file is in an object store, and registryd was started without --files");
    }
    bool is_first_byte = !wanted.offset && len == 1;
    enum status status = is_first_byte
                             ? read_first_byte(store, location, span->room, err)
                             : object_read(store->objects, location->object_key, &wanted, err);
    if (status) {
        return status;
    }
    *ret_len = len;
    return STATUS_OK;
}

const struct file_store object_files = {
    .send = send_object,
    .add = refer,
    .take_back = take_back,
    .read = read_object,
};
