// SPDX-License-Identifier: MIT
// Who may publish the name → the contracts of its groups → the transaction; and, where the version is there already,
// whether what is there says the same. For a known name the transaction comes first. A dry run goes the same way to the end of the transaction, which is then
// rolled back, so its verdict cannot differ from that of a publish.
#include "registryd/api/packages/release_use_case.h"

#include "registryd/access/publish_rights.h"
#include "registryd/api/groups/contracts.h"
#include "registryd/api/packages/artifact_agree.h"

// Publishing a project again after its file is no news: the file has completed the release, and the document says
// nothing else. CONFLICT when it does, or when something else is in the way.
static enum status settle_completed(struct api *api, const struct valid_release *valid,
                                    struct findings *findings, struct publish_outcome *ret_outcome,
                                    struct error *err) {
    struct release_detail there;
    struct error reason;
    struct findings differences;
    findings_init(&differences, findings->arena);
    enum status status = store_release_load(api->store, findings->arena, valid->normalized_name,
                                            valid->normalized_version, &there, &reason);
    if (status || !there.has_file) {
        return STATUS_CONFLICT; // *err says why already
    }
    status = document_agree(there.document, valid, &differences, &reason);
    if (status == STATUS_CONFLICT) {
        findings_append(findings, &differences);
        return fail(err, STATUS_CONFLICT, reason.where, "%s", reason.message);
    }
    if (status) {
        return fail(err, status, reason.where, "%s", reason.message);
    }
    *ret_outcome = (struct publish_outcome){0};
    index_point(api->index, &ret_outcome->point);
    return STATUS_OK;
}

// A further release of a known package needs no question: whatever could refuse it keeps the store from writing it,
// and is then looked for as with any other release. *ret_outcome is not `created` when it was not written.
static enum status publish_further(struct api *api, const struct request *request,
                                   const struct valid_release *valid,
                                   struct publish_outcome *ret_outcome, struct error *err) {
    struct publisher publisher;
    bool is_assumed = false;
    *ret_outcome = (struct publish_outcome){0};
    enum status status =
        publish_rights_assume(api, request, valid->normalized_name, &publisher, &is_assumed, err);
    if (status || !is_assumed) {
        return status;
    }
    return store_publish_at_once(api->store, valid, &publisher, ret_outcome, err);
}

enum status release_publish(struct api *api, const struct request *request,
                            const struct valid_release *valid, struct findings *findings,
                            struct publish_outcome *ret_outcome, struct error *err) {
    struct contracts_order order = {.release = valid};
    enum status status = publish_further(api, request, valid, ret_outcome, err);
    if (status || ret_outcome->created) {
        return status;
    }
    status = publish_rights_check(api, request, valid, &order.publisher, err);
    if (status) {
        return status;
    }
    status = contracts_publish(api, &order, findings, ret_outcome, err);
    if (!status) {
        publish_rights_remember(api, valid->normalized_name, &order.publisher);
    }
    return status == STATUS_CONFLICT ? settle_completed(api, valid, findings, ret_outcome, err)
                                     : status;
}

// The release is asked for first: one that is there keeps the contracts of its time.
static enum status ask(struct api *api, const struct valid_release *valid,
                       struct findings *findings, struct publish_outcome *ret_outcome,
                       struct error *err) {
    struct publisher asker = {0};
    struct publish_outcome outcome;
    enum status status = store_publish_ask(api->store, valid, &asker, &outcome, err);
    if (status == STATUS_CONFLICT) {
        return settle_completed(api, valid, findings, ret_outcome, err);
    }
    if (!status && outcome.created) {
        status = contracts_check(api, valid, findings, &asker.contract_revision, err);
    }
    if (status) {
        return status;
    }
    *ret_outcome = outcome;
    return STATUS_OK;
}

enum status release_ask(struct api *api, const struct valid_release *valid,
                        struct findings *findings, struct publish_outcome *ret_outcome,
                        struct error *err) {
    enum status status = ask(api, valid, findings, ret_outcome, err);
    if (status != STATUS_UNAVAILABLE) {
        return status;
    }
    findings_add(findings, SEVERITY_WARNING, "contract-unknown", "/entry_points", NULL,
                 "The contracts of its groups and the published versions were not checked because "
                 "the database "
                 "is unavailable");
    *ret_outcome = (struct publish_outcome){.created = true};
    return STATUS_OK;
}
