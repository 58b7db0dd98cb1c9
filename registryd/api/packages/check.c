// SPDX-License-Identifier: MIT
// Decoding and checking, and telling what was found. A document that cannot be read at all is a
// problem; one that breaks rules is an answer.
#include "registryd/api/packages/check.h"

#include "registryd/api/groups/contracts.h"
#include "registryd/request/document.h"
#include "registryd/request/query.h"

// While the database is away the document's own rules can still be judged.
static enum status hold(struct api *api, const struct valid_release *release,
                        struct findings *findings, struct error *err) {
    int64_t revision = 0;
    enum status status = contracts_hold(api, release, findings, &revision, err);
    if (status == STATUS_UNAVAILABLE) {
        findings_add(findings, SEVERITY_WARNING, "contract-unknown", "/entry_points", NULL,
                     "The contracts of its groups could not be asked for: the database is away");
        status = STATUS_OK;
    }
    return status;
}

enum status check_document(struct api *api, const struct request *request, struct reply *reply,
                           struct findings *findings, struct error *err) {
    const struct release *release = NULL;
    const struct valid_release *valid = NULL;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (!status) {
        status = document_decode(request, findings, &release, err);
    }
    if (!status) {
        status = release_check(request->arena, release, findings, &valid, err);
    }
    if (!status) {
        status = hold(api, valid, findings, err);
    }
    if (status && status != STATUS_INVALID) {
        return status;
    }
    json_t *json = json_pack("{s:b,s:o,s:o}", "valid", status == STATUS_OK, "errors",
                             findings_encode(findings, SEVERITY_ERROR), "warnings",
                             findings_encode(findings, SEVERITY_WARNING));
    return reply_json(request, reply, json, err);
}
