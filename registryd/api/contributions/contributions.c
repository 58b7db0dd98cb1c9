// SPDX-License-Identifier: MIT
// The question is that of a resolution, and the environment stands in the path. So a host that asks with its facts
// gets what the plugins contribute that /v1/resolve would give it.
#include "registryd/api/contributions/handlers.h"

#include "registryd/api/resolve/selection_query.h"
#include "registryd/forms/contributions_json.h"
#include "schema/base/limits.h"

enum status contributions_show(struct api *api, const struct request *request, struct reply *reply,
                               struct findings *findings, struct error *err) {
    (void)findings;
    struct resolve_query query;
    struct history_point point;
    const struct answer *answer = NULL;
    enum status status = selection_query_decode_within(
        api, request, request_path(request, "environment"), &query, err);
    if (status) {
        return status;
    }
    if (!query.group_count) {
        return fail(err, STATUS_USAGE, "?group", "Name 1 to %d groups, each as group=NAME",
                    LIMIT_QUERY_GROUPS);
    }
    query.explain = false; // no room for it
    query.decides = true;  // says which packages are the group's owner's
    index_point(api->index, &point);
    status = index_answer(api->index, &query, &contributions_form, &answer, err);
    if (status) {
        return status;
    }
    selection_query_reply(reply, answer, &point);
    reply->content_type = "application/json";
    return STATUS_OK;
}
