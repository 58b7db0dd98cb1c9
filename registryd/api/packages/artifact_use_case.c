// SPDX-License-Identifier: MIT
// Is it here already? → read it in a process of its own → the rules → agree with the release that is there → store.
// What can be known without reading the file is asked first.
#include "registryd/api/packages/artifact_use_case.h"

#include "registryd/access/publish_rights.h"
#include "registryd/api/groups/contract_checks.h"
#include "registryd/api/groups/contracts.h"
#include "registryd/api/packages/artifact_agree.h"
#include "registryd/api/packages/artifact_paths.h"

#include <string.h>

enum {
    OWN_WRITE_WAIT_MS = 2000,
    ATTEMPTS_MAX = 3, // somebody may publish the release while we compare
};

// The same file under the same name is no news: then published->package is set. Another under the name is
// CONFLICT.
static enum status find_same(struct api *api, const struct request *request,
                             const struct uploaded_file *upload, struct findings *findings,
                             struct artifact_published *published, struct error *err) {
    // A file that another registry had years ago comes with its time, which says nothing about this one.
    int open_days = upload->uploaded_at ? 0 : api->release_open_days;
    const struct upload_place_query query = {upload->filename, upload->normalized_name,
                                             upload->normalized_version, open_days};
    struct upload_place place;
    enum status status = store_upload_place(api->store, request->arena, &query, &place, err);
    if (status) {
        return status;
    }
    if (place.quarantined) {
        return fail(err, STATUS_FORBIDDEN, NULL,
                    "%s %s is quarantined and takes no uploads. Lift the quarantine first.",
                    upload->normalized_name, upload->normalized_version);
    }
    if (place.location.sha256 && strcmp(place.location.sha256, published->sha256) != 0) {
        struct error taken;
        fail(&taken, STATUS_CONFLICT, NULL,
             "The file %s is already published with different content. Published files "
             "never change: use a new version or build number.",
             upload->filename);
        findings_add_error(findings, "file-exists", &taken);
        return fail(err, STATUS_CONFLICT, NULL, "%s", taken.message);
    }
    if (place.closed && !place.location.sha256) {
        return fail(err, STATUS_CONFLICT, NULL,
                    "%s %s takes no more files: its first file is more than %d days old "
                    "(--release-open-days). Publish a new version.",
                    upload->normalized_name, upload->normalized_version, api->release_open_days);
    }
    published->package = place.location.package;
    published->version = place.location.version;
    published->outcome = (struct artifact_outcome){.point = place.location.point};
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
    const struct extractor_input input = {.task = "artifact",
                                          .filename = upload->filename,
                                          .fd = upload->fd,
                                          .size = (size_t)upload->size,
                                          .sha256 = upload->sha256};
    struct extraction extraction;
    const struct valid_release *valid = NULL;
    enum status status = extractor_read(api->extractor, &input, findings, &extraction, err);
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

// The first file of a release that was published by its metadata says the rest of it, and so does the first
// wheel after source distributions. Nothing is written where it says nothing new.
static enum status complete(const struct release_detail *there, struct findings *findings,
                            struct artifact_upload *upload, struct error *err) {
    char digest[DIGEST_HEX_SIZE];
    const struct valid_release *whole = NULL;
    bool is_wheel = upload->artifact->kind == ARTIFACT_WHEEL;
    enum status status =
        artifact_complete(there->document, upload->release, is_wheel, findings, &whole, err);
    if (status) {
        return status;
    }
    digest_hex(whole->digest, digest);
    if (strcmp(digest, there->release.digest) != 0) {
        upload->completed = whole;
        upload->there_digest = there->release.digest;
    }
    return STATUS_OK;
}

// Compares with the release when it is there; *ret_is_there says whether.
static enum status agree(struct api *api, struct findings *findings, struct artifact_upload *upload,
                         bool *ret_is_there, struct error *err) {
    const struct valid_release *release = upload->release;
    struct release_detail there;
    enum status status = store_release_load(api->store, findings->arena, release->normalized_name,
                                            release->normalized_version, &there, err);
    *ret_is_there = !status;
    upload->completed = NULL;
    upload->own_terms = NULL;
    if (status) {
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    }
    bool is_wheel = upload->artifact->kind == ARTIFACT_WHEEL;
    if (!there.has_file || (is_wheel && !there.has_wheel)) {
        return complete(&there, findings, upload, err);
    }
    struct artifact_claim claim = {.release = release, .is_wheel = is_wheel};
    status = artifact_agree(there.document, &claim, findings, err);
    upload->own_terms = claim.own_terms;
    return status;
}

static enum status store_upload(struct api *api, struct findings *findings,
                                struct artifact_upload *upload,
                                struct artifact_outcome *ret_outcome, struct error *err) {
    enum status status = STATUS_INTERNAL;
    for (int i = 0; i < ATTEMPTS_MAX; i++) {
        status = agree(api, findings, upload, &upload->is_agreed, err);
        if (status) {
            return status;
        }
        // A release that is there and stays was held against the contracts when it was published.
        if (!upload->is_agreed || upload->completed) {
            const struct valid_release *held =
                upload->completed ? upload->completed : upload->release;
            status =
                contracts_check(api, held, findings, &upload->publisher.contract_revision, err);
        }
        if (status) {
            return status;
        }
        status = store_artifact_publish(api->store, upload, ret_outcome, err);
        // A release that was not there a moment ago, or is another one now, is compared with again.
        if (status != STATUS_CONFLICT || (upload->is_agreed && !upload->completed)) {
            return status;
        }
    }
    return status;
}

static enum status publish(struct api *api, const struct request *request,
                           const struct uploaded_file *upload, struct findings *findings,
                           struct artifact_published *published, struct error *err) {
    struct artifact artifact;
    struct artifact_upload to_store = {.artifact = &artifact,
                                       .fd = upload->fd,
                                       .attestations = upload->attestations,
                                       .uploaded_at = upload->uploaded_at};
    enum status status = read_artifact(api, upload, findings, &artifact, &to_store.release, err);
    if (status) {
        return status;
    }
    status = publish_rights_check(api, request, to_store.release, &to_store.publisher, err);
    if (status) {
        return status;
    }
    status = contract_checks_apply(api, findings, err);
    if (status) {
        return status;
    }
    status = artifact_paths_check(api, to_store.release->normalized_name, &artifact, findings, err);
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

enum status artifact_publish(struct api *api, const struct request *request,
                             const struct uploaded_file *upload, struct findings *findings,
                             struct artifact_published *ret_published, struct error *err) {
    struct artifact_published published = {0};
    digest_hex(upload->sha256, published.sha256);
    enum status status = find_same(api, request, upload, findings, &published, err);
    if (!status && !published.package) {
        status = publish(api, request, upload, findings, &published, err);
    }
    if (status) {
        return status;
    }
    if (!request->is_dry_run) {
        index_wait_own(api->index, &published.outcome.point, OWN_WRITE_WAIT_MS);
    }
    *ret_published = published;
    return STATUS_OK;
}
