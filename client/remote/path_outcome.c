// SPDX-License-Identifier: MIT
// The JSON of one outcome (path_outcome.h). The command line and the public library print the same object,
// so that a program may switch from one to the other. Members that are not known are null, never absent;
// those of an artifact are there for artifacts alone.
#include "client/remote/path_outcome.h"

#include "schema/base/cleanup.h"
#include "schema/digest.h"
#include "schema/json/json.h"

const char *path_outcome_package(const struct project *project) {
    return project->valid     ? project->valid->normalized_name
           : project->release ? project->release->name
                              : NULL;
}

const char *path_outcome_version(const struct project *project) {
    return project->valid     ? project->valid->normalized_version
           : project->release ? project->release->version
                              : NULL;
}

// null, or {"code": "conflict", "where": null, "message": "…"}: the same shape as the registry's
// own errors.
static json_t *encode_error(const struct path_outcome *outcome) {
    if (!outcome->status) {
        return json_null();
    }
    const char *where = *outcome->error->where ? outcome->error->where : NULL;
    return json_pack("{s:s, s:o, s:o}", "code", status_info(outcome->status)->wire_name, "where",
                     json_text(where), "message", json_text(outcome->error->message));
}

static bool add_artifact(json_t *object, const struct artifact *artifact) {
    char hex[DIGEST_HEX_SIZE];
    digest_hex(artifact->sha256, hex);
    return json_object_set_new(object, "filename", json_text(artifact->filename)) == 0 &&
           json_object_set_new(object, "size", json_integer((json_int_t)artifact->size)) == 0 &&
           json_object_set_new(object, "sha256", json_text(hex)) == 0;
}

json_t *path_outcome_encode(const struct path_outcome *outcome) {
    const struct findings *findings = &outcome->project->findings;
    const char *package = path_outcome_package(outcome->project);
    const char *version = path_outcome_version(outcome->project);
    scoped(cleanup_json) json_t *object = json_pack(
        "{s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "path", json_text(outcome->path), "outcome",
        outcome->word, "package", json_text(package), "version", json_text(version), "error",
        encode_error(outcome), "warnings", findings_encode(findings, SEVERITY_WARNING), "errors",
        findings_encode(findings, SEVERITY_ERROR));
    bool whole = object && (!outcome->artifact || add_artifact(object, outcome->artifact));
    return whole ? take(object) : NULL;
}

bool path_outcome_add_receipt(json_t *object, const struct receipt *receipt, bool is_artifact) {
    json_t *serial = receipt->serial < 0 ? json_null() : json_integer(receipt->serial);
    return json_object_set_new(object, "serial", serial) == 0 &&
           json_object_set_new(object, "epoch", json_text(receipt->epoch)) == 0 &&
           (!is_artifact || json_object_set_new(object, "url", json_text(receipt->url)) == 0);
}
