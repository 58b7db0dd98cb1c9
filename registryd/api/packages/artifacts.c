// SPDX-License-Identifier: MIT
// Upload → is it here already? → read it in a process of its own → the rules → agree with the release
// that is there → store. What can be known without reading the file is asked first: the token's pace and
// its rights on the name come before the file is hashed and read.
#include "registryd/api/packages/artifacts.h"

#include "registryd/api/packages/artifact_agree.h"
#include "registryd/api/packages/handlers.h"
#include "registryd/api/groups/contracts.h"
#include "registryd/access/publish_rights.h"
#include "registryd/request/query.h"
#include "registryd/request/upload.h"
#include "schema/digest.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

#include <string.h>

enum {
    OWN_WRITE_WAIT_MS = 2000,
    ATTEMPTS_MAX = 3, // somebody may publish the release while we compare
};

// What is answered.
struct published {
    const char *package;
    const char *version;
    char sha256[DIGEST_HEX_SIZE];
    struct artifact_outcome outcome;
};

// The same file under the same name is no news. *ret_found says whether it is; another under the name
// is CONFLICT.
static enum status find_same(struct api *api, const struct request *request,
                             const struct uploaded_file *upload, struct published *published,
                             bool *ret_found, struct error *err) {
    struct artifact_location location;
    enum status status =
        store_artifact_find(api->store, request->arena, upload->filename, &location, err);
    *ret_found = false;
    if (status) {
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    }
    if (strcmp(location.sha256, published->sha256) != 0) {
        return fail(err, STATUS_CONFLICT, NULL,
                    "The file %s is already published with different content. Published files "
                    "never change: use a new version or build number.",
                    upload->filename);
    }
    published->package = location.package;
    published->version = location.version;
    published->outcome = (struct artifact_outcome){.point = location.point};
    *ret_found = true;
    return STATUS_OK;
}

// Told twice: as a finding for programs, and as the sentence of the problem for people.
static enum status mismatch(struct findings *findings, const struct uploaded_file *upload,
                            struct error *err) {
    struct error wrong;
    fail(&wrong, STATUS_INVALID, upload->filename,
         "The file name does not match the name or version in its metadata");
    findings_add_error(findings, "metadata-name-mismatch", &wrong);
    return fail(err, STATUS_INVALID, wrong.where, "%s", wrong.message);
}

// The extractor's word counts for nothing that can be checked here.
// The extractor reads the file in a sandbox, because archives come from outside; it could be
// compromised by one. Name, version and kind are therefore compared with the file name here, and
// the release passes the same rules as a document that was sent.
static enum status read_artifact(struct api *api, const struct uploaded_file *upload,
                                 struct findings *findings, struct artifact *ret_artifact,
                                 const struct valid_release **ret_release, struct error *err) {
    const struct source_file file = {upload->filename, upload->bytes.ptr, upload->bytes.len};
    struct extraction extraction;
    const struct valid_release *valid = NULL;
    enum status status = extractor_read(api->extractor, &file, findings, &extraction, err);
    if (status) {
        return status;
    }
    status = release_check(findings->arena, extraction.release, findings, &valid, err);
    if (status) {
        return status;
    }
    if (strcmp(valid->normalized_name, upload->normalized_name) != 0 ||
        strcmp(valid->normalized_version, upload->normalized_version) != 0 ||
        upload->is_wheel != (extraction.artifact.kind == ARTIFACT_WHEEL)) {
        return mismatch(findings, upload, err);
    }
    *ret_artifact = extraction.artifact;
    *ret_release = valid;
    return STATUS_OK;
}

// Compares with the release when it is there; *ret_is_there says whether.
static enum status agree(struct api *api, struct findings *findings,
                         const struct artifact_upload *upload, bool *ret_is_there,
                         struct error *err) {
    const struct valid_release *release = upload->release;
    struct release_detail there;
    enum status status = store_release_load(api->store, findings->arena, release->normalized_name,
                                            release->normalized_version, &there, err);
    *ret_is_there = !status;
    if (status) {
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    }
    return artifact_agree(there.document, release, upload->artifact->kind == ARTIFACT_WHEEL,
                          findings, err);
}

static enum status store_upload(struct api *api, struct findings *findings,
                                struct artifact_upload *upload,
                                struct artifact_outcome *ret_outcome, struct error *err) {
    enum status status = STATUS_INTERNAL;
    for (int i = 0; i < ATTEMPTS_MAX; i++) {
        status = agree(api, findings, upload, &upload->is_agreed, err);
        // A release that is there already was held against the contracts when it was published.
        if (!status && !upload->is_agreed) {
            status = contracts_check(api, upload->release, findings,
                                     &upload->publisher.contract_revision, err);
        }
        if (status) {
            return status;
        }
        status = store_artifact_publish(api->store, upload, ret_outcome, err);
        // A release that was not there a moment ago may be in the way now: compare with it.
        if (status != STATUS_CONFLICT || upload->is_agreed) {
            return status;
        }
    }
    return status;
}

static enum status publish(struct api *api, const struct request *request,
                           const struct uploaded_file *upload, struct published *published,
                           struct findings *findings, struct error *err) {
    struct artifact artifact;
    struct artifact_upload to_store = {.artifact = &artifact, .bytes = upload->bytes.ptr};
    enum status status = read_artifact(api, upload, findings, &artifact, &to_store.release, err);
    if (status) {
        return status;
    }
    status = publish_rights_check(api, request, to_store.release, &to_store.publisher, err);
    if (status) {
        return status;
    }
    status = store_upload(api, findings, &to_store, &published->outcome, err);
    if (status) {
        return status;
    }
    published->package = to_store.release->normalized_name;
    published->version = to_store.release->normalized_version;
    return STATUS_OK;
}

static enum status reply_published(const struct request *request, struct reply *reply,
                                   const struct uploaded_file *upload,
                                   const struct published *published, json_t *warnings) {
    const struct artifact_outcome *outcome = &published->outcome;
    const char *url =
        arena_printf(request->arena, "/files/%s/%s", published->sha256, upload->filename);
    // clang-format off
    json_t *json = json_pack("{s:s,s:s,s:s,s:s,s:I,s:s?,s:I,s:s,s:b,s:o}",
                             "package", published->package,
                             "version", published->version,
                             "filename", upload->filename,
                             "sha256", published->sha256,
                             "size", (json_int_t)upload->bytes.len,
                             "url", url,
                             "serial", (json_int_t)outcome->point.serial,
                             "epoch", outcome->point.epoch,
                             "created", outcome->created,
                             "warnings", warnings);
    // clang-format on
    enum status status = reply_json(request, reply, json, NULL);
    reply->http_status = outcome->created ? 201 : 200;
    reply->location = url;
    reply->serial = outcome->point.serial;
    reply->epoch = arena_strdup(request->arena, outcome->point.epoch);
    return status;
}

// A slow upload holds a place among the bodies until its last byte, so a token that has no right on the
// package gets none: its refusal goes out while the body is still on its way. A form names its file in the
// body: before it is read, its token must be one that may publish something, and not too often;
// artifacts_publish asks the rest.
enum status artifacts_admit(struct api *api, const struct request *request, struct reply *reply,
                            struct findings *findings, struct error *err) {
    (void)reply;
    struct uploaded_file upload;
    enum status status = upload_begin(request, findings, &upload, err);
    if (status) {
        return status;
    }
    const char *name = upload.is_form ? NULL : upload.normalized_name;
    return publish_rights_begin(api, request, name, err);
}

enum status artifacts_publish(struct api *api, const struct request *request, struct reply *reply,
                              struct findings *findings, struct error *err) {
    static const struct query_rule rules[] = {{.name = "filename"}};
    struct uploaded_file upload;
    struct published published;
    uint8_t digest[DIGEST_SIZE];
    bool found = false;
    enum status status = query_begin(api, request, rules, COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    status = upload_decode(api, request, findings, &upload, err);
    if (status) {
        return status;
    }
    if (upload.is_form) { // else artifacts_admit has asked
        status = publish_rights_on(api, request, upload.normalized_name, err);
    }
    if (status) {
        return status;
    }
    // Before the file is opened by anything: the same upload again costs one hash and one look-up.
    digest_sha256(upload.bytes.ptr, upload.bytes.len, digest);
    digest_hex(digest, published.sha256);
    status = find_same(api, request, &upload, &published, &found, err);
    if (status) {
        return status;
    }
    if (!found) {
        status = publish(api, request, &upload, &published, findings, err);
    }
    if (status) {
        return status;
    }
    index_wait(api->index, published.outcome.point.serial, OWN_WRITE_WAIT_MS);
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

static json_t *encode_row(const struct artifact_row *row) {
    // clang-format off
    return json_pack("{s:s,s:s,s:I,s:s,s:o,s:s,s:s,s:s+++}",
                     "filename", row->filename,
                     "kind", row->kind,
                     "size", (json_int_t)row->size,
                     "sha256", row->sha256,
                     "tags", encode_tags(row->tags),
                     "uploaded_at", row->uploaded_at,
                     "uploaded_by", row->uploaded_by,
                     "url", "/files/", row->sha256, "/", row->filename);
    // clang-format on
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
