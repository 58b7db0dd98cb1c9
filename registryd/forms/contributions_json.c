// SPDX-License-Identifier: MIT
// The merge reads the manifest of every record, so its answer is kept like a resolution: until a change touches one of
// the groups or the environment.
#include "registryd/forms/contributions_json.h"

#include "schema/contributions/contributions.h"
#include "schema/json/json.h"

static json_t *encode_head(const struct resolve_query *query, const struct selection *selection) {
    json_auto_t *groups = json_array();
    for (size_t i = 0; groups && i < query->group_count; i++) {
        if (json_array_append_new(groups, json_string(query->groups[i]))) {
            return NULL;
        }
    }
    return json_pack("{s:s, s:I, s:O}", "environment", selection->environment, "revision",
                     (json_int_t)selection->revision, "groups", groups);
}

static enum status encode(const struct resolve_query *query, const struct selection *selection,
                          struct answer_draft *draft, struct error *err) {
    scoped(cleanup_json) json_t *document = NULL;
    scoped(cleanup_json) json_t *whole = encode_head(query, selection);
    enum status status = contributions_merge(&selection->records, &document, err);
    if (status) {
        return status;
    }
    bool is_good =
        whole && json_object_update(whole, document) == 0 && json_write(&draft->body, whole, false);
    return is_good ? STATUS_OK : fail_no_memory(err);
}

const struct answer_form contributions_form = {.name = "contributions", .encode = encode};
