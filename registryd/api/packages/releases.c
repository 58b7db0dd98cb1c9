// SPDX-License-Identifier: MIT
// Reading one release, and publishing one: decode, check, match with the path, store, and wait until
// this daemon's own index has it, so that the publisher reads its own write.
#include "registryd/api/packages/handlers.h"

#include "registryd/api/packages/artifacts.h"
#include "registryd/api/packages/release_use_case.h"
#include "registryd/request/document.h"
#include "registryd/access/publish_rights.h"
#include "registryd/request/query.h"
#include "schema/json/json.h"

#include <string.h>

enum { OWN_WRITE_WAIT_MS = 2000 };

enum status releases_show(struct api *api, const struct request *request, struct reply *reply,
                          struct findings *findings, struct error *err) {
    (void)findings;
    struct release_path path;
    struct release_detail detail;
    struct artifact_rows artifacts;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = document_release_path(request, STATUS_NOT_FOUND, &path, err);
    if (status) {
        return status;
    }
    status =
        store_release_load(api->reading, request->arena, path.package, path.version, &detail, err);
    if (status) {
        return status;
    }
    status = store_artifacts_load(api->reading, request->arena, path.package, path.version,
                                  &artifacts, err);
    if (status) {
        return status;
    }
    scoped(cleanup_json) json_t *json = json_pack("{s:o}", "package", json_text(detail.package));
    scoped(cleanup_json) json_t *release = document_encode_release(&detail.release);
    json_t *files = artifacts_encode(&artifacts, path.version);
    json_t *document = json_loads(detail.document, JSON_REJECT_DUPLICATES, NULL);
    if (!json || !release || json_object_update(json, release) ||
        json_object_set_new(json, "artifacts", files) ||
        json_object_set_new(json, "document", document)) {
        return fail_no_memory(err);
    }
    return reply_json(request, reply, take(json), err);
}

// The address and the document must name the same release.
static enum status check_match(const struct release_path *path, const struct valid_release *valid,
                               struct findings *findings, struct error *err) {
    struct error mismatch = {0};
    if (strcmp(path->package, valid->normalized_name) != 0) {
        fail(&mismatch, STATUS_INVALID, "/name",
             "The document names \"%s\", but the address names \"%s\"", valid->normalized_name,
             path->package);
    } else if (strcmp(path->version, valid->normalized_version) != 0) {
        fail(&mismatch, STATUS_INVALID, "/version",
             "The document has version %s, but the address has %s", valid->normalized_version,
             path->version);
    } else {
        return STATUS_OK;
    }
    findings_add_error(findings, "address-mismatch", &mismatch);
    return fail(err, STATUS_INVALID, mismatch.where, "%s", mismatch.message);
}

static enum status read_release(const struct request *request, const struct release_path *path,
                                struct findings *findings, const struct valid_release **ret_valid,
                                struct error *err) {
    const struct release *release = NULL;
    const struct valid_release *valid = NULL;
    enum status status = document_decode(request, findings, &release, err);
    if (status) {
        return status;
    }
    status = release_check(request->arena, release, findings, &valid, err);
    if (status) {
        return status;
    }
    status = check_match(path, valid, findings, err);
    if (status) {
        return status;
    }
    *ret_valid = valid;
    return STATUS_OK;
}

static enum status reply_published(const struct request *request, struct reply *reply,
                                   const struct valid_release *valid,
                                   const struct publish_outcome *outcome, json_t *warnings) {
    char *location = arena_printf(request->arena, "/v1/packages/%s/releases/%s",
                                  valid->normalized_name, valid->normalized_version);
    char *epoch = arena_strdup(request->arena, outcome->point.epoch);
    // clang-format off
    json_t *json = json_pack("{s:s,s:s,s:I,s:s,s:I,s:b,s:o}",
                             "package", valid->normalized_name,
                             "version", valid->normalized_version,
                             "serial", (json_int_t)outcome->point.serial,
                             "epoch", outcome->point.epoch,
                             "epoch_number", (json_int_t)outcome->point.epoch_number,
                             "created", outcome->created,
                             "warnings", warnings);
    // clang-format on
    // The caller makes any failure here a lack of memory: the release is published, and only the
    // answer could not be written.
    enum status status = reply_json(request, reply, json, NULL);
    reply->http_status = outcome->created ? 201 : 200;
    reply->location = location;
    reply->serial = outcome->point.serial;
    reply->epoch = epoch;
    reply->epoch_number = outcome->point.epoch_number;
    return status;
}

// When it does not come in time the release is published all the same; the answer's serial lets a
// client insist with min_serial.
static void await_own_write(struct api *api, const struct valid_release *valid,
                            const struct publish_outcome *outcome) {
    const struct own_write change = {
        .package = valid->normalized_name,
        .entry_points = valid->release.entry_points,
        .entry_point_count = valid->release.entry_point_count,
        .point = outcome->point,
    };
    // This daemon knows what it has just stored, so its index applies the change itself instead of
    // waiting for the feed. Publishing again changed nothing; then the feed only has to be as far
    // as the answer says.
    if (outcome->created) {
        index_apply_own(api->index, &change, OWN_WRITE_WAIT_MS);
    } else {
        index_wait_own(api->index, &outcome->point, OWN_WRITE_WAIT_MS);
    }
}

enum status releases_publish(struct api *api, const struct request *request, struct reply *reply,
                             struct findings *findings, struct error *err) {
    const struct valid_release *valid = NULL;
    struct publish_outcome outcome;
    struct release_path path;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = document_release_path(request, STATUS_INVALID, &path, err);
    if (status) {
        return status;
    }
    // Pace and rights come before the document is parsed: that costs much more than both.
    status = publish_rights_begin(api, request, path.package, err);
    if (status) {
        return status;
    }
    status = read_release(request, &path, findings, &valid, err);
    if (status) {
        return status;
    }
    status = release_publish(api, request, valid, findings, &outcome, err);
    if (status) {
        return status;
    }
    await_own_write(api, valid, &outcome);
    json_t *warnings = findings_encode(findings, SEVERITY_WARNING);
    return reply_published(request, reply, valid, &outcome, warnings) ? fail_no_memory(err)
                                                                      : STATUS_OK;
}
