// SPDX-License-Identifier: MIT
// A reason begins a hold and NULL ends it, so beginning and ending are one change. The rules of the reason are one
// row, which a body and a form both go through.
#include "registryd/api/groups/hold_use_case.h"

#include "registryd/request/body.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"

#include "schema/json/json.h"

enum { OWN_WRITE_WAIT_MS = 2000 };

static const struct object_member members[] = {{"reason", MEMBER_LINE,
                                                offsetof(struct hold_change, reason),
                                                .required = true, .max = LIMIT_SHORT_TEXT_BYTES}};
static const struct body_form form = {"A hold", members, COUNT_OF(members), LIMIT_SMALL_BODY_BYTES};

enum status hold_read_body(const struct request *request, struct findings *findings,
                           struct hold_change *change, struct error *err) {
    return body_decode(request, &form, findings, change, err);
}

enum status hold_read_reason(const struct request *request, const char *reason,
                             struct findings *findings, struct hold_change *change,
                             struct error *err) {
    scoped(cleanup_json) json_t *object = json_pack("{s:s*}", "reason", reason);
    struct object_reader reader = body_reader(request, &form, findings);
    size_t errors_before = findings->error_count;
    if (!object) {
        return fail_no_memory(err);
    }
    object_decode(&reader, "", object, members, COUNT_OF(members), change);
    return findings_fail(findings, errors_before, err);
}

enum status hold_set(struct api *api, const struct hold_change *change,
                     struct lifecycle_outcome *ret_outcome, struct error *err) {
    enum status status = store_hold_set(api->store, change, ret_outcome, err);
    if (!status) {
        index_wait_own(api->index, &ret_outcome->point, OWN_WRITE_WAIT_MS);
    }
    return status;
}
