// SPDX-License-Identifier: MIT
// One look-up, then the bytes piece by piece while they are sent: a file never stands in memory whole.
#include "registryd/api/packages/files.h"

#include "registryd/request/query.h"
#include "registryd/request/range.h"
#include "schema/digest.h"

#include <inttypes.h>
#include <string.h>

enum { SEND_BYTES = 256 * 1024 };

// A file on its way out, in the request's arena.
struct sending {
    struct store *store;
    struct file_location location;
    int64_t at;
    int64_t end;
    char room[SEND_BYTES];
};

static int nibble(char c) {
    return is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Lower-case only: one file has one address.
static bool parse_digest(const char *hex, uint8_t ret_digest[DIGEST_SIZE]) {
    if (strlen(hex) != DIGEST_HEX_SIZE - 1) {
        return false;
    }
    for (size_t i = 0; i < DIGEST_SIZE; i++) {
        int high = nibble(hex[2 * i]);
        int low = nibble(hex[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        ret_digest[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static enum status find_file(struct api *api, const struct request *request,
                             struct file_location *ret_location, struct error *err) {
    const char *filename = request_path(request, "filename");
    uint8_t digest[DIGEST_SIZE];
    if (!parse_digest(request_path(request, "sha256"), digest)) {
        return fail(err, STATUS_NOT_FOUND, NULL, "There is no file %s with this digest", filename);
    }
    return store_file_find(api->store, digest, filename, ret_location, err);
}

static enum status read_piece(void *context, struct text *ret_piece, struct error *err) {
    struct sending *sending = context;
    int64_t left = sending->end - sending->at;
    const struct file_span span = {.offset = sending->at,
                                   .room = sending->room,
                                   .size = left < SEND_BYTES ? (size_t)left : SEND_BYTES};
    size_t len;
    enum status status = store_file_read(sending->store, &sending->location, &span, &len, err);
    if (!status) {
        sending->at += (int64_t)len;
        *ret_piece = (struct text){sending->room, len};
    }
    return status;
}

// A range of another state of the file would be wrong; there is only one state, and its tag.
static const char *wanted_range(const struct request *request, const char *etag) {
    bool is_of_this = !request->if_range || strcmp(request->if_range, etag) == 0;
    return is_of_this ? request->range : NULL;
}

static enum status reply_file(struct api *api, const struct request *request, struct reply *reply,
                              const struct file_location *location, struct range range) {
    struct sending *sending = arena_alloc(request->arena, sizeof *sending);
    const char *disposition = arena_printf(request->arena, "attachment; filename=\"%s\"",
                                           request_path(request, "filename"));
    if (!sending || !disposition) {
        return STATUS_NO_MEMORY;
    }
    sending->store = api->store;
    sending->location = *location;
    sending->at = range.first;
    sending->end = range.last + 1;
    reply->content_type = "application/octet-stream";
    reply->content_disposition = disposition;
    reply->stream = (struct reply_stream){
        .len = (size_t)(range.last + 1 - range.first), .read = read_piece, .context = sending};
    return STATUS_OK;
}

enum status files_show(struct api *api, const struct request *request, struct reply *reply,
                       struct findings *findings, struct error *err) {
    (void)findings;
    struct file_location location;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (!status) {
        status = find_file(api, request, &location, err);
    }
    if (status) {
        return status;
    }
    const char *etag = arena_printf(request->arena, "\"%s\"", request_path(request, "sha256"));
    struct range range = {0};
    if (etag) {
        range = range_parse(wanted_range(request, etag), location.size);
        reply->etag = etag;
    }
    if (range.kind == RANGE_UNSATISFIABLE) {
        reply->content_range = arena_printf(request->arena, "bytes */%" PRId64, location.size);
        return fail(err, STATUS_RANGE, "Range", "The file has %" PRId64 " bytes", location.size);
    }
    if (range.kind == RANGE_PART) {
        reply->http_status = 206;
        reply->content_range =
            arena_printf(request->arena, "bytes %" PRId64 "-%" PRId64 "/%" PRId64, range.first,
                         range.last, location.size);
    }
    bool lacks_memory = !etag || (range.kind == RANGE_PART && !reply->content_range) ||
                        reply_file(api, request, reply, &location, range);
    return lacks_memory ? fail_no_memory(err) : STATUS_OK;
}
