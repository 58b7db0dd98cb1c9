// SPDX-License-Identifier: MIT
// POST /v1/artifacts: receives the file, by either of two ways, and hands it to the use case. The token's pace and
// its rights on the name are asked before the file is received, hashed and read. Also the JSON of the files of a
// release.
#include "registryd/api/packages/artifacts.h"

#include "registryd/api/packages/artifact_use_case.h"
#include "registryd/api/packages/handlers.h"
#include "registryd/access/publish_rights.h"
#include "registryd/request/query.h"
#include "schema/base/clock.h"
#include "schema/base/utc.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

#include <string.h>

static enum status reply_published(const struct request *request, struct reply *reply,
                                   const struct uploaded_file *upload,
                                   const struct artifact_published *published, json_t *warnings) {
    const struct artifact_outcome *outcome = &published->outcome;
    const char *url =
        arena_printf(request->arena, "/files/%s/%s", published->sha256, upload->filename);
    // clang-format off
    json_t *json = json_pack("{s:s,s:s,s:s,s:s,s:I,s:s?,s:I,s:s,s:I,s:b,s:o}",
                             "package", published->package,
                             "version", published->version,
                             "filename", upload->filename,
                             "sha256", published->sha256,
                             "size", (json_int_t)upload->size,
                             "url", url,
                             "serial", (json_int_t)outcome->point.serial,
                             "epoch", outcome->point.epoch,
                             "epoch_number", (json_int_t)outcome->point.epoch_number,
                             "created", outcome->created,
                             "warnings", warnings);
    // clang-format on
    enum status status = reply_json(request, reply, json, NULL);
    reply->http_status = outcome->created ? 201 : 200;
    reply->location = url;
    reply->serial = outcome->point.serial;
    reply->epoch = arena_strdup(request->arena, outcome->point.epoch);
    reply->epoch_number = outcome->point.epoch_number;
    return status;
}

// "2026-01-02T03:04:05.678901Z" is the moment before its fraction; the fraction has at most six digits (PEP 700).
static bool is_past_moment(const char *text) {
    enum { WHOLE_LEN = sizeof "2026-01-02T03:04:05" - 1, FRACTION_DIGITS_MAX = 6 };
    char whole[UTC_SIZE] = "";
    int64_t moment_ms = 0;
    size_t len = strlen(text);
    const char *fraction = len > WHOLE_LEN ? text + WHOLE_LEN : "";
    size_t digits = *fraction == '.' ? strspn(fraction + 1, "0123456789") : 0;
    bool is_sound = strcmp(fraction + (digits ? digits + 1 : 0), "Z") == 0;
    if (!is_sound || digits > FRACTION_DIGITS_MAX) {
        return false;
    }
    snprintf(whole, sizeof whole, "%.*sZ", (int)WHOLE_LEN, text);
    return utc_parse(text_from(whole), &moment_ms) && moment_ms <= unix_ms();
}

// The time at which another registry got the file. Hosts trust times where they ask for releases of some age, so it
// takes the scope import to give one.
static enum status read_time(const struct request *request, struct uploaded_file *upload,
                             struct error *err) {
    const char *text = request_query(request, "uploaded_at");
    if (text && !is_past_moment(text)) {
        return fail(err, STATUS_USAGE, "?uploaded_at",
                    "Give a moment of the past in UTC: ?uploaded_at=2026-01-02T03:04:05Z");
    }
    if (text && !publish_rights_import(request->rights, upload->normalized_name)) {
        return fail(
            err, STATUS_FORBIDDEN, "?uploaded_at",
            "The time of an upload can be given only with the scope import for \"%s\". Leave it "
            "out, or ask an administrator for a grant",
            upload->normalized_name);
    }
    upload->uploaded_at = text;
    return STATUS_OK;
}

// A slow upload holds a place among the bodies until its last byte, so a token that has no right on the
// package gets none: its refusal goes out while the body is still on its way. A form names its file in the
// body: before it is read, its token must be one that may publish something, and not too often;
// receive_form asks the rest.
enum status artifacts_admit(struct api *api, const struct request *request, struct reply *reply,
                            struct findings *findings, struct error *err) {
    (void)reply;
    struct uploaded_file upload;
    enum status status = upload_begin(request, findings, &upload, err);
    if (status) {
        return status;
    }
    const char *name = upload.is_form ? NULL : upload.normalized_name;
    status = publish_rights_begin(api, request, name, err);
    return status || upload.is_form ? status : read_time(request, &upload, err);
}

static enum status refuse_part(const struct multipart_part *part, struct error *err) {
    return fail(err, STATUS_MALFORMED, NULL, "The form must hold exactly one file; remove \"%s\"",
                part->name);
}

// The rights on the package are asked when the name of the file is known, before its bytes come.
static enum status receive_file(struct api *api, const struct request *request,
                                struct findings *findings, struct multipart *form,
                                struct uploaded_file *upload, struct error *err) {
    enum status status = upload_check_name(request->arena, findings, upload, err);
    if (status) {
        return status;
    }
    status = publish_rights_on(api, request, upload->normalized_name, err);
    if (status) {
        return status;
    }
    status = read_time(request, upload, err);
    return status ? status : upload_receive_part(api, form, upload, err);
}

static enum status receive_form(struct api *api, const struct request *request,
                                struct findings *findings, struct uploaded_file *upload,
                                struct error *err) {
    struct multipart *form;
    struct multipart_part part;
    bool found = true;
    enum status status =
        multipart_begin(request->arena, request->content_type, request->body_source, &form, err);
    while (!status && !(status = multipart_next(form, &part, &found, err)) && found) {
        if (!part.filename || upload->filename) {
            return refuse_part(&part, err);
        }
        upload->filename = part.filename;
        status = receive_file(api, request, findings, form, upload, err);
    }
    if (!status && !upload->filename) {
        return fail(err, STATUS_MALFORMED, NULL, "The form holds no file");
    }
    return status;
}

enum status artifacts_receive(struct api *api, const struct request *request,
                              struct findings *findings, struct uploaded_file *upload,
                              struct error *err) {
    static const struct query_rule rules[] = {{.name = "filename"}, {.name = "uploaded_at"}};
    struct digest_sums sums;
    enum status status = query_begin(api, request, rules, COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    status = upload_begin(request, findings, upload, err);
    if (status) {
        return status;
    }
    status = upload->is_form ? STATUS_OK : read_time(request, upload, err);
    if (status) {
        return status;
    }
    status = upload->is_form ? receive_form(api, request, findings, upload, err)
                             : upload_receive_body(api, request, upload, err);
    if (status) {
        return status;
    }
    status = digest_file(upload->fd, &sums, err);
    if (status) {
        return status;
    }
    memcpy(upload->sha256, sums.sha256, sizeof upload->sha256);
    return STATUS_OK;
}

enum status artifacts_publish(struct api *api, const struct request *request, struct reply *reply,
                              struct findings *findings, struct error *err) {
    scoped(uploaded_file_done) struct uploaded_file upload = {.fd = -1};
    struct artifact_published published;
    enum status status = artifacts_receive(api, request, findings, &upload, err);
    if (status) {
        return status;
    }
    status = artifact_publish(api, request, &upload, findings, &published, err);
    if (status) {
        return status;
    }
    json_t *warnings = findings_encode(findings, SEVERITY_WARNING);
    return reply_published(request, reply, &upload, &published, warnings) ? fail_no_memory(err)
                                                                          : STATUS_OK;
}

// ---- listing ----

static json_t *encode_tags(const char *tags) {
    scoped(cleanup_json) json_t *array = json_array();
    struct text rest = text_from(tags);
    struct text tag;
    while (array && text_split(&rest, ' ', &tag)) {
        if (tag.len && json_array_append_new(array, json_stringn(tag.ptr, tag.len))) {
            return NULL;
        }
    }
    return take(array);
}

// What the file asks for instead of what its release says; NULL there: it asks for nothing.
static bool add_own_terms(json_t *object, const char *own_terms) {
    static const char *const keys[] = {"requires_python", "requires_dist"};
    scoped(cleanup_json) json_t *terms = own_terms ? json_loads(own_terms, 0, NULL) : NULL;
    bool is_whole = object && (terms || !own_terms);
    for (size_t i = 0; is_whole && terms && i < COUNT_OF(keys); i++) {
        json_t *own = json_object_get(terms, keys[i]);
        is_whole = json_object_set(object, keys[i], own ? own : json_null()) == 0;
    }
    return is_whole;
}

static json_t *encode_row(const struct artifact_row *row) {
    // clang-format off
    scoped(cleanup_json) json_t *object = json_pack("{s:s,s:s,s:I,s:s,s:o,s:s,s:s,s:s+++}",
                     "filename", row->filename,
                     "kind", row->kind,
                     "size", (json_int_t)row->size,
                     "sha256", row->sha256,
                     "tags", encode_tags(row->tags),
                     "uploaded_at", row->uploaded_at,
                     "uploaded_by", row->uploaded_by,
                     "url", "/files/", row->sha256, "/", row->filename);
    // clang-format on
    return add_own_terms(object, row->own_terms) ? take(object) : NULL;
}

json_t *artifacts_encode(const struct artifact_rows *rows, const char *version) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < rows->count; i++) {
        if (strcmp(rows->items[i].version, version) == 0 &&
            json_array_append_new(array, encode_row(&rows->items[i]))) {
            return NULL;
        }
    }
    return take(array);
}
