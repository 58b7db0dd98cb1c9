// SPDX-License-Identifier: MIT
// Query parameters to a question of the index, whose answer is handed on as it is.
#include "registryd/api/resolve/resolve.h"

#include "registryd/api/resolve/selection_query.h"
#include "schema/base/limits.h"

enum status resolve_answer(struct api *api, const struct request *request, struct reply *reply,
                           struct findings *findings, struct error *err) {
    (void)findings;
    struct resolve_query query;
    enum status status = selection_query_decode_page(api, request, &query, err);
    if (!status && !query.group_count) {
        return fail(err, STATUS_USAGE, "?group", "Name 1 to %d groups, each as group=NAME",
                    LIMIT_QUERY_GROUPS);
    }
    struct history_point point;
    const struct answer *answer = NULL;
    index_point(api->index, &point);
    if (!status) {
        status = index_resolve(api->index, &query, &answer, err);
    }
    if (!status) {
        selection_query_reply(reply, answer, &point);
        reply->content_type = "application/json";
    }
    return status;
}
