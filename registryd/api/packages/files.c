// SPDX-License-Identifier: MIT
// Downloads: one look-up, then the bytes piece by piece while they are sent, so that a file never stands in memory
// whole. An address names the digest, so an answer never changes; but each one asks whether the file is
// quarantined, because a file that must not run must not be had either. A file in an object store is passed on piece by
// piece as well, or the client is sent there (--files-redirect) with an address that is good for a minute.
#include "registryd/api/packages/handlers.h"

#include "registryd/request/query.h"
#include "registryd/request/range.h"
#include "registryd/hash/etag.h"
#include "registryd/store/files/store_projects.h"
#include "schema/digest.h"

#include <inttypes.h>
#include <string.h>

static const char metadata_ending[] = ".metadata";
enum { metadata_ending_len = sizeof metadata_ending - 1 };

// A file on its way out, in the request's arena.
struct sending {
    struct store *store;
    struct file_location location;
    int64_t at;
    int64_t end;
    size_t ready; // bytes of `room` that were read ahead
    size_t size;  // of the room
    char room[];
};

static enum status read_digest(const struct request *request, uint8_t ret_digest[DIGEST_SIZE],
                               struct error *err) {
    return digest_parse(request_path(request, "sha256"), ret_digest)
               ? STATUS_OK
               : fail(err, STATUS_NOT_FOUND, NULL, "There is no file %s with this digest",
                      request_path(request, "filename"));
}

static enum status read_next(struct sending *sending, size_t *ret_len, struct error *err) {
    int64_t left = sending->end - sending->at;
    const struct file_span span = {
        .offset = sending->at,
        .room = sending->room,
        .size = left < (int64_t)sending->size ? (size_t)left : sending->size,
    };
    enum status status = store_file_read(sending->store, &sending->location, &span, ret_len, err);
    if (status) {
        return status;
    }
    sending->at += (int64_t)*ret_len;
    return STATUS_OK;
}

// Called by the sender until `len` bytes of the stream have gone out, after the handler has
// returned.
static enum status read_piece(void *context, struct text *ret_piece, struct error *err) {
    struct sending *sending = context;
    size_t len = sending->ready;
    sending->ready = 0;
    enum status status = len ? STATUS_OK : read_next(sending, &len, err);
    if (status) {
        return status;
    }
    *ret_piece = (struct text){sending->room, len};
    return STATUS_OK;
}

// A range of another state of the file would be wrong; there is only one state, and its tag.
static const char *wanted_range(const struct request *request, const char *etag) {
    bool is_of_this = !request->if_range || strcmp(request->if_range, etag) == 0;
    return is_of_this ? request->range : NULL;
}

// The answer is for this request alone: the address in it soon ends, and whether the file may be had is asked anew.
static enum status reply_redirect(struct api *api, const struct request *request,
                                  struct reply *reply, const struct file_location *location,
                                  struct error *err) {
    const char *url = NULL;
    enum status status = store_file_presign(api->store, request->arena, location,
                                            reply->content_disposition, &url, err);
    if (status || !url) {
        return status;
    }
    reply->http_status = 302;
    reply->location = url;
    reply->cache_control = "no-store";
    reply->content_type = "text/plain; charset=utf-8";
    reply->content_disposition = NULL;
    reply->content_range = NULL;
    reply->etag = NULL;
    reply->body = text_from("The file is in the object store.\n");
    return STATUS_OK;
}

// A file that is elsewhere is read before the head of the answer is sent: when that place is away, the client gets 503
// and not an answer that breaks off.
static enum status read_ahead(struct sending *sending, const struct request *request,
                              struct error *err) {
    bool is_elsewhere = *sending->location.object_key;
    return is_elsewhere && !request->is_head && !request->if_none_match
               ? read_next(sending, &sending->ready, err)
               : STATUS_OK;
}

static enum status reply_file(struct api *api, const struct request *request, struct reply *reply,
                              const struct file_location *location, struct range range,
                              struct error *err) {
    size_t size = store_file_span_bytes(location);
    struct sending *sending = arena_alloc(request->arena, sizeof *sending + size);
    reply->content_disposition = arena_printf(request->arena, "attachment; filename=\"%s\"",
                                              request_path(request, "filename"));
    if (!sending || !reply->content_disposition) {
        return fail_no_memory(err);
    }
    // What must not be sent on: HEAD, whose signature would be for GET, and what may be answered 304.
    if (api->redirects_files && !request->is_head && !request->if_none_match) {
        enum status status = reply_redirect(api, request, reply, location, err);
        if (status || reply->location) {
            return status;
        }
    }
    *sending = (struct sending){.store = api->store,
                                .location = *location,
                                .at = range.first,
                                .end = range.last + 1,
                                .size = size};
    enum status status = read_ahead(sending, request, err);
    if (status) {
        return status;
    }
    reply->content_type = "application/octet-stream";
    reply->stream = (struct reply_stream){
        .len = (size_t)(range.last + 1 - range.first), .read = read_piece, .context = sending};
    return STATUS_OK;
}

// The METADATA of a wheel beside it (PEP 658): the bytes that the page gives the digest of.
static enum status reply_metadata(struct api *api, const struct request *request,
                                  struct reply *reply, const uint8_t digest[DIGEST_SIZE],
                                  struct error *err) {
    const char *path = request_path(request, "filename");
    char *wheel = arena_copy(request->arena, path, strlen(path) - metadata_ending_len);
    struct file_metadata metadata;
    if (!wheel) {
        return fail_no_memory(err);
    }
    enum status status =
        store_file_metadata_load(api->store, request->arena, digest, wheel, &metadata, err);
    if (status) {
        return status;
    }
    reply->content_type = "application/octet-stream";
    reply->body = text_from(metadata.text);
    reply->etag = arena_printf(request->arena, "\"%s\"", metadata.sha256);
    return reply->etag ? STATUS_OK : fail_no_memory(err);
}

static enum status reply_range(struct api *api, const struct request *request, struct reply *reply,
                               const struct file_location *location, struct error *err) {
    const char *etag = arena_printf(request->arena, "\"%s\"", request_path(request, "sha256"));
    if (!etag) {
        return fail_no_memory(err);
    }
    struct range range = range_parse(wanted_range(request, etag), location->size);
    reply->etag = etag;
    // 416 must say how long the file is (RFC 9110, 15.5.17), so that the client can ask again.
    if (range.kind == RANGE_UNSATISFIABLE) {
        reply->content_range = arena_printf(request->arena, "bytes */%" PRId64, location->size);
        return fail(err, STATUS_RANGE, "Range",
                    "The range starts after the end of the file, which has %" PRId64 " bytes",
                    location->size);
    }
    if (range.kind == RANGE_PART) {
        reply->http_status = 206;
        reply->content_range =
            arena_printf(request->arena, "bytes %" PRId64 "-%" PRId64 "/%" PRId64, range.first,
                         range.last, location->size);
    }
    if (range.kind == RANGE_PART && !reply->content_range) {
        return fail_no_memory(err);
    }
    return reply_file(api, request, reply, location, range, err);
}

enum status files_show(struct api *api, const struct request *request, struct reply *reply,
                       struct findings *findings, struct error *err) {
    (void)findings;
    const char *filename = request_path(request, "filename");
    struct file_location location;
    uint8_t digest[DIGEST_SIZE];
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = read_digest(request, digest, err);
    if (status) {
        return status;
    }
    // PEP 658: the metadata has the address of its wheel with ".metadata" behind it.
    if (text_ends_with(text_from(filename), metadata_ending)) {
        return reply_metadata(api, request, reply, digest, err);
    }
    status = store_file_find(api->store, digest, filename, &location, err);
    if (status) {
        return status;
    }
    return reply_range(api, request, reply, &location, err);
}

enum status attestations_show(struct api *api, const struct request *request, struct reply *reply,
                              struct findings *findings, struct error *err) {
    (void)findings;
    const char *body;
    char *etag = arena_alloc(request->arena, ETAG_SIZE);
    uint8_t digest[DIGEST_SIZE];
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = read_digest(request, digest, err);
    if (status) {
        return status;
    }
    status = store_attestations_load(api->store, request->arena, digest,
                                     request_path(request, "filename"), &body, err);
    if (status) {
        return status;
    }
    if (!etag) {
        return fail_no_memory(err);
    }
    reply->body = text_from(body);
    hash_etag(reply->body.ptr, reply->body.len, etag);
    reply->etag = etag;
    return STATUS_OK;
}
