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

// A plugin is first-party when its package is of the team that owns the group.
static bool mark_first_party(const struct selection *selection, const json_t *document) {
    const json_t *plugins = json_object_get(document, "plugins");
    for (size_t i = 0; i < json_array_size(plugins); i++) {
        json_t *plugin = json_array_get(plugins, i);
        const char *group = json_string_value(json_object_get(plugin, "group"));
        const char *package = json_string_value(json_object_get(plugin, "package"));
        bool is_own = package && decisions_have_owner(&selection->decisions, group, package);
        if (json_object_set_new(plugin, "first_party", json_boolean(is_own))) {
            return false;
        }
    }
    return true;
}

static enum status encode(const struct resolve_query *query, const struct selection *selection,
                          struct answer_draft *draft, struct error *err) {
    scoped(cleanup_json) json_t *document = NULL;
    scoped(cleanup_json) json_t *whole = encode_head(query, selection);
    enum status status = contributions_merge(&selection->records, &document, err);
    if (status) {
        return status;
    }
    bool is_good = whole && mark_first_party(selection, document) &&
                   json_object_update(whole, document) == 0 &&
                   json_write(&draft->body, whole, false);
    return is_good ? STATUS_OK : fail_no_memory(err);
}

const struct answer_form contributions_form = {.name = "contributions", .encode = encode};
