// SPDX-License-Identifier: MIT
// By content type to name and bytes, then the checks that both ways share.
// The two ways are a plain body with ?filename=, as scripts with curl send it, and a form of one
// file, as upload tools do. Both end as a view of bytes and a name that was checked. Nothing is
// copied.
#include "registryd/request/upload.h"

#include "registryd/request/multipart.h"
#include "schema/base/limits.h"
#include "schema/packaging/wheel_name.h"
#include "schema/base/list.h"
#include "schema/base/text.h"

#include <string.h>
#include <strings.h>

static const char *const raw_types[] = {
    "application/octet-stream",
    "application/zip",
    "application/gzip",
    "application/x-gzip",
};

static bool is_raw(const char *content_type) {
    size_t len = content_type ? strcspn(content_type, "; ") : 0;
    bool found = !content_type;
    for (size_t i = 0; i < COUNT_OF(raw_types) && !found; i++) {
        found = strlen(raw_types[i]) == len && strncasecmp(raw_types[i], content_type, len) == 0;
    }
    return found;
}

static enum status decode_form(const struct request *request, struct uploaded_file *upload,
                               struct error *err) {
    struct multipart form;
    struct multipart_part part;
    bool found = true;
    enum status status =
        multipart_begin(request->arena, request->content_type, request->body, &form, err);
    // Ends at the last part, at a malformed one, or at a second file.
    while (!status && !(status = multipart_next(&form, &part, &found, err)) && found) {
        if (!part.filename || upload->filename) {
            return fail(err, STATUS_MALFORMED, NULL,
                        "The form must hold exactly one file; remove \"%s\"", part.name);
        }
        upload->filename = part.filename;
        upload->bytes = part.content;
    }
    if (!status && !upload->filename) {
        return fail(err, STATUS_MALFORMED, NULL, "The form holds no file");
    }
    return status;
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
static enum status check_name(struct arena *arena, struct uploaded_file *upload,
                              struct findings *findings, struct error *err) {
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
                         struct uploaded_file *ret_upload, struct error *err) {
    const char *filename = request_query(request, "filename");
    struct uploaded_file upload = {.filename = filename,
                                   .is_form = multipart_is(request->content_type)};
    if (upload.is_form && filename) {
        return fail(err, STATUS_USAGE, "?filename",
                    "?filename is not allowed with a form: the form names the file");
    }
    if (!upload.is_form && !is_raw(request->content_type)) {
        return fail(
            err, STATUS_UNSUPPORTED_MEDIA, NULL,
            "A file must be sent as application/octet-stream or multipart/form-data, not \"%s\"",
            request->content_type);
    }
    if (!upload.is_form && !filename) {
        return fail(err, STATUS_USAGE, "?filename",
                    "Name the file: ?filename=crm-1.0-py3-none-any.whl");
    }
    if (!upload.is_form) {
        enum status status = check_name(request->arena, &upload, findings, err);
        if (status) {
            return status;
        }
    }
    *ret_upload = upload;
    return STATUS_OK;
}

static enum status decode_form_and_name(const struct request *request, struct findings *findings,
                                        struct uploaded_file *upload, struct error *err) {
    enum status status = decode_form(request, upload, err);
    return status ? status : check_name(request->arena, upload, findings, err);
}

enum status upload_decode(const struct api *api, const struct request *request,
                          struct findings *findings, struct uploaded_file *ret_upload,
                          struct error *err) {
    struct uploaded_file upload;
    enum status status = upload_begin(request, findings, &upload, err);
    if (status) {
        return status;
    }
    upload.bytes = request->body;
    if (upload.is_form) {
        status = decode_form_and_name(request, findings, &upload, err);
    }
    if (status) {
        return status;
    }
    if (!upload.bytes.len) {
        return fail(err, STATUS_MALFORMED, upload.filename, "The file is empty");
    }
    // The bound of the router has room for a form around the file; this one is exact.
    if (upload.bytes.len > api->max_artifact_bytes) {
        return fail(err, STATUS_TOO_LARGE, upload.filename,
                    "The file has %zu bytes; the limit of this registry is %zu (--max-artifact)",
                    upload.bytes.len, api->max_artifact_bytes);
    }
    *ret_upload = upload;
    return STATUS_OK;
}
