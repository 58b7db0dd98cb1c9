// SPDX-License-Identifier: MIT
// The two ways of an upload are a plain body with ?filename=, as scripts with curl send it, and a form, as upload
// tools do. Both end as a file on disk without a name, and a file name that was checked. The disk is that of the
// data directory, because /tmp may be memory.
#include "registryd/request/upload.h"

#include "schema/base/cleanup.h"
#include "schema/base/descriptor.h"
#include "schema/base/limits.h"
#include "schema/packaging/wheel_name.h"
#include "schema/base/list.h"
#include "schema/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static const char *const raw_types[] = {
    "application/octet-stream",
    "application/zip",
    "application/gzip",
    "application/x-gzip",
};

// A request without a type is taken as bytes. Parameters behind the type ("; charset=…") are
// ignored.
static bool is_raw(const char *content_type) {
    size_t len = content_type ? strcspn(content_type, "; ") : 0;
    bool found = !content_type;
    for (size_t i = 0; i < COUNT_OF(raw_types) && !found; i++) {
        found = strlen(raw_types[i]) == len && strncasecmp(raw_types[i], content_type, len) == 0;
    }
    return found;
}

bool upload_is_file(const char *content_type) {
    return content_type && (is_raw(content_type) || multipart_is(content_type));
}

// The characters that the names of wheels and sdists are made of.
// No slash, no space, no quote: such a name can stand in a path, a header and a log line as it is.
static bool is_plain(const char *filename) {
    size_t len = strlen(filename);
    for (const char *c = filename; *c; c++) {
        if (!is_alnum(*c) && !strchr("-_.+!", *c)) {
            return false;
        }
    }
    return len > 0 && len <= LIMIT_FILE_NAME_BYTES;
}

static enum status parse_name(struct arena *arena, struct uploaded_file *upload,
                              struct error *err) {
    struct text name = text_from(upload->filename);
    const struct wheel_name *wheel = NULL;
    const struct sdist_name *sdist = NULL;
    if (!is_plain(upload->filename)) {
        return fail(err, STATUS_INVALID, NULL,
                    "\"%s\" is not a valid file name of a wheel or sdist", upload->filename);
    }
    upload->is_wheel = text_ends_with(text_from(upload->filename), ".whl");
    enum status status = upload->is_wheel ? wheel_name_parse(arena, name, &wheel, err)
                                          : sdist_name_parse(arena, name, &sdist, err);
    if (status) {
        return status;
    }
    upload->normalized_name = wheel ? wheel->normalized_name : sdist->normalized_name;
    upload->normalized_version = version_string(wheel ? wheel->version : sdist->version);
    return STATUS_OK;
}

// A wrong name is a fault of the artifact, as a wrong version in its metadata would be: 422 with a
// finding.
enum status upload_check_name(struct arena *arena, struct findings *findings,
                              struct uploaded_file *upload, struct error *err) {
    struct error wrong;
    enum status status = parse_name(arena, upload, &wrong);
    if (status == STATUS_NO_MEMORY) {
        return fail_no_memory(err);
    }
    if (status) {
        findings_add_error(findings, "artifact-name-invalid", &wrong);
        return fail(err, STATUS_INVALID, wrong.where, "%s", wrong.message);
    }
    return STATUS_OK;
}

enum status upload_begin(const struct request *request, struct findings *findings,
                         struct uploaded_file *upload, struct error *err) {
    const char *filename = request_query(request, "filename");
    *upload = (struct uploaded_file){
        .filename = filename, .fd = -1, .is_form = multipart_is(request->content_type)};
    if (upload->is_form && filename) {
        return fail(err, STATUS_USAGE, "?filename",
                    "?filename is not allowed with a form: the form names the file");
    }
    if (!upload->is_form && !is_raw(request->content_type)) {
        return fail(
            err, STATUS_UNSUPPORTED_MEDIA, NULL,
            "A file must be sent as application/octet-stream or multipart/form-data, not \"%s\"",
            request->content_type);
    }
    if (!upload->is_form && !filename) {
        return fail(err, STATUS_USAGE, "?filename",
                    "Name the file: ?filename=crm-1.0-py3-none-any.whl");
    }
    return upload->is_form ? STATUS_OK : upload_check_name(request->arena, findings, upload, err);
}

// ---- the bytes ----

void uploaded_file_done(struct uploaded_file *upload) {
    cleanup_fd(&upload->fd);
    upload->fd = -1;
}

// Reads errno, so it must be called right after the call that failed.
static enum status refuse_disk(struct error *err) {
    bool is_full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;
    return fail(err, is_full ? STATUS_DISK_FULL : STATUS_IO, NULL,
                "The upload cannot be written to disk: %s", strerror(errno));
}

// The kernel frees an unnamed file with its last descriptor, even when the daemon crashes.
static enum status open_unnamed(const struct api *api, struct uploaded_file *upload,
                                struct error *err) {
    char path[] = "/tmp/registryd-upload-XXXXXX";
    const char *directory = api->upload_dir;
    // O_EXCL: it never gets a name.
    upload->fd = directory ? open(directory, O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600)
                           : mkostemp(path, O_CLOEXEC);
    if (upload->fd < 0) {
        return refuse_disk(err);
    }
    if (!directory) {
        unlink(path);
    }
    return STATUS_OK;
}

static enum status refuse_size(const struct api *api, const struct uploaded_file *upload,
                               struct error *err) {
    return fail(err, STATUS_TOO_LARGE, upload->filename,
                "The file has more than %zu bytes, the limit of this registry (--max-artifact)",
                api->max_artifact_bytes);
}

static enum status add_piece(const struct api *api, struct uploaded_file *upload, struct text piece,
                             struct error *err) {
    // A subtraction, since the sum could overflow. `size` never exceeds the limit.
    if (piece.len > api->max_artifact_bytes - (size_t)upload->size) {
        return refuse_size(api, upload, err);
    }
    if (!descriptor_write(upload->fd, piece.ptr, piece.len)) {
        return refuse_disk(err);
    }
    upload->size += (int64_t)piece.len;
    return STATUS_OK;
}

static enum status check_end(const struct uploaded_file *upload, struct error *err) {
    return upload->size ? STATUS_OK
                        : fail(err, STATUS_MALFORMED, upload->filename, "The file is empty");
}

enum status upload_receive_body(const struct api *api, const struct request *request,
                                struct uploaded_file *upload, struct error *err) {
    enum { PIECE_BYTES = 64 * 1024 };
    const struct byte_source *source = request->body_source;
    char *room = arena_alloc(request->arena, PIECE_BYTES);
    // The bound of the router has room for a form around the file; this one is exact.
    if (source && source->size > (int64_t)api->max_artifact_bytes) {
        return refuse_size(api, upload, err);
    }
    enum status status = room ? open_unnamed(api, upload, err) : fail_no_memory(err);
    if (status) {
        return status;
    }
    size_t len = source ? 1 : 0;
    while (len) {
        status = source->read(source->context, room, PIECE_BYTES, &len, err);
        if (status) {
            return status;
        }
        status = add_piece(api, upload, (struct text){room, len}, err);
        if (status) {
            return status;
        }
    }
    return check_end(upload, err);
}

enum status upload_receive_part(const struct api *api, struct multipart *form,
                                struct uploaded_file *upload, struct error *err) {
    // The length 1 only begins the loop. An empty piece from the form ends it.
    struct text piece = {"", 1};
    enum status status = open_unnamed(api, upload, err);
    if (status) {
        return status;
    }
    while (piece.len) {
        status = multipart_read(form, &piece, err);
        if (status) {
            return status;
        }
        status = add_piece(api, upload, piece, err);
        if (status) {
            return status;
        }
    }
    return check_end(upload, err);
}
