// SPDX-License-Identifier: MIT
// What an environment is behind with: the question of a resolution, explained, and of the explanation only what is
// newer than the selected releases. Without groups it is about every package.
#include "registryd/api/resolve/handlers.h"

#include "registryd/api/resolve/selection_query.h"
#include "registryd/forms/outdated_json.h"

enum status outdated_show(struct api *api, const struct request *request, struct reply *reply,
                          struct findings *findings, struct error *err) {
    (void)findings;
    struct resolve_query query = {0};
    struct history_point point;
    const struct answer *answer = NULL;
    enum status status = selection_query_decode(api, request, &query, err);
    index_point(api->index, &point);
    if (status) {
        return status;
    }
    query.explain = true;
    status = index_answer(api->index, &query, &outdated_form, &answer, err);
    if (status) {
        return status;
    }
    selection_query_reply(reply, answer, &point);
    reply->content_type = "application/json";
    return STATUS_OK;
}
