// SPDX-License-Identifier: MIT
// The JSON face of entry_use_case.h. The names stand in bodies and queries, because an entry point may have a slash in
// its name. An alias is set by the owner of its package, or by the owner of the group.
#include "registryd/api/groups/handlers.h"

#include "registryd/api/groups/entry_use_case.h"
#include "registryd/api/groups/group_path.h"
#include "registryd/request/body.h"
#include "registryd/request/change_reply.h"
#include "registryd/request/document.h"
#include "registryd/request/query.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/json/json.h"
#include "schema/packaging/name.h"

#define LINE(key_, member_, max_, required_)                                                       \
    {                                                                                              \
        key_, MEMBER_LINE, offsetof(struct entry_change, member_), .max = (max_),                  \
                                                                   .required = (required_)         \
    }
static const struct object_member deprecation_members[] = {
    LINE("group", group, LIMIT_GROUP_BYTES, true),
    LINE("name", name, LIMIT_ENTRY_NAME_BYTES, true),
    LINE("message", message, LIMIT_SHORT_TEXT_BYTES, true),
    LINE("successor", successor, LIMIT_SHORT_TEXT_BYTES, false),
};
static const struct object_member alias_members[] = {
    LINE("group", group, LIMIT_GROUP_BYTES, true),
    LINE("name", name, LIMIT_ENTRY_NAME_BYTES, true),
    LINE("to", successor, LIMIT_ENTRY_NAME_BYTES, true),
};
static const struct object_member group_alias_members[] = {
    LINE("package", package, LIMIT_NAME_BYTES, true),
    LINE("name", name, LIMIT_ENTRY_NAME_BYTES, true),
    LINE("to", successor, LIMIT_ENTRY_NAME_BYTES, true),
};
#undef LINE

static const struct body_form deprecation_form = {
    "A deprecation", deprecation_members, COUNT_OF(deprecation_members), LIMIT_SMALL_BODY_BYTES};
static const struct body_form alias_form = {"An alias", alias_members, COUNT_OF(alias_members),
                                            LIMIT_SMALL_BODY_BYTES};
static const struct body_form group_alias_form = {
    "An alias", group_alias_members, COUNT_OF(group_alias_members), LIMIT_SMALL_BODY_BYTES};

// ---- what is to be changed ----

static enum status need(const struct request *request, const char *name, const char **ret_text,
                        struct error *err) {
    const char *text = request_query(request, name);
    if (!text || !*text) {
        return fail(err, STATUS_USAGE, arena_printf(request->arena, "?%s", name),
                    "The parameter \"%s\" is required", name);
    }
    *ret_text = text;
    return STATUS_OK;
}

// Of a package in the address: the group and the name are in the query when a change is ended.
static enum status read_of_package(struct api *api, const struct request *request,
                                   struct entry_change *change, struct error *err) {
    static const struct query_rule rules[] = {{.name = "group"}, {.name = "name"}};
    enum status status =
        query_begin(api, request, rules, change->is_set ? 0 : COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    status = document_package_path(request, STATUS_NOT_FOUND, &change->package, err);
    if (status || change->is_set) {
        return status;
    }
    status = need(request, "group", &change->group, err);
    return status ? status : need(request, "name", &change->name, err);
}

static enum status read_of_group(struct api *api, const struct request *request,
                                 struct entry_change *change, struct error *err) {
    static const struct query_rule rules[] = {{.name = "package"}, {.name = "name"}};
    enum status status =
        query_begin(api, request, rules, change->is_set ? 0 : COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    status = group_path_read(request, &change->group, err);
    if (status || change->is_set) {
        return status;
    }
    status = need(request, "package", &change->package, err);
    return status ? status : need(request, "name", &change->name, err);
}

static enum status normalize_package(const struct request *request, struct entry_change *change,
                                     struct error *err) {
    return name_normalize(request->arena, text_from(change->package), &change->package, err);
}

// ---- the change ----

static enum status change_entry(struct api *api, const struct request *request, struct reply *reply,
                                struct entry_change *change, struct findings *findings,
                                struct error *err) {
    struct lifecycle_outcome outcome;
    enum status status = entry_change_check(api, request, change, findings, err);
    if (status) {
        return status;
    }
    status = entry_change_make(api, change, &outcome, err);
    if (status) {
        return status;
    }
    json_t *json = json_pack("{s:s,s:s,s:s}", "package", change->package, "group", change->group,
                             "name", change->name);
    bool is_good = json;
    if (is_good && change->is_alias) {
        is_good = json_object_set_new(json, "to", json_text(change->successor)) == 0;
    } else if (is_good) {
        is_good = json_object_set_new(json, "deprecated", json_boolean(change->is_set)) == 0 &&
                  json_object_set_new(json, "message", json_text(change->message)) == 0 &&
                  json_object_set_new(json, "successor", json_text(change->successor)) == 0;
    }
    if (!is_good) {
        json_decref(json);
        json = NULL;
    }
    return change_reply(api, request, reply, &outcome, json, err);
}

enum status entries_deprecate(struct api *api, const struct request *request, struct reply *reply,
                              struct findings *findings, struct error *err) {
    struct entry_change change = {.is_set = true, .actor = request->actor};
    enum status status = read_of_package(api, request, &change, err);
    if (status) {
        return status;
    }
    status = body_decode(request, &deprecation_form, findings, &change, err);
    return status ? status : change_entry(api, request, reply, &change, findings, err);
}

enum status entries_undeprecate(struct api *api, const struct request *request, struct reply *reply,
                                struct findings *findings, struct error *err) {
    struct entry_change change = {.actor = request->actor};
    enum status status = read_of_package(api, request, &change, err);
    return status ? status : change_entry(api, request, reply, &change, findings, err);
}

enum status entries_alias(struct api *api, const struct request *request, struct reply *reply,
                          struct findings *findings, struct error *err) {
    struct entry_change change = {.is_set = true, .is_alias = true, .actor = request->actor};
    enum status status = read_of_package(api, request, &change, err);
    if (status) {
        return status;
    }
    status = body_decode(request, &alias_form, findings, &change, err);
    return status ? status : change_entry(api, request, reply, &change, findings, err);
}

enum status entries_unalias(struct api *api, const struct request *request, struct reply *reply,
                            struct findings *findings, struct error *err) {
    struct entry_change change = {.is_alias = true, .actor = request->actor};
    enum status status = read_of_package(api, request, &change, err);
    return status ? status : change_entry(api, request, reply, &change, findings, err);
}

enum status entries_alias_in_group(struct api *api, const struct request *request,
                                   struct reply *reply, struct findings *findings,
                                   struct error *err) {
    struct entry_change change = {.is_set = true, .is_alias = true, .actor = request->actor};
    enum status status = read_of_group(api, request, &change, err);
    if (status) {
        return status;
    }
    status = body_decode(request, &group_alias_form, findings, &change, err);
    if (status) {
        return status;
    }
    status = normalize_package(request, &change, err);
    return status ? status : change_entry(api, request, reply, &change, findings, err);
}

enum status entries_unalias_in_group(struct api *api, const struct request *request,
                                     struct reply *reply, struct findings *findings,
                                     struct error *err) {
    struct entry_change change = {.is_alias = true, .actor = request->actor};
    enum status status = read_of_group(api, request, &change, err);
    if (status) {
        return status;
    }
    status = normalize_package(request, &change, err);
    return status ? status : change_entry(api, request, reply, &change, findings, err);
}

// ---- the list ----

static json_t *encode_state(const struct entry_state *state) {
    // clang-format off
    return json_pack("{s:s,s:s,s:s,s:o,s:o,s:o,s:s,s:s}",
                     "group", state->group,
                     "package", state->package,
                     "name", state->name,
                     "message", json_text(state->message),
                     "successor", json_text(state->is_alias ? NULL : state->successor),
                     "to", json_text(state->is_alias ? state->successor : NULL),
                     "changed_at", state->changed_at,
                     "changed_by", state->changed_by);
    // clang-format on
}

enum status entries_states(struct api *api, const struct request *request, struct reply *reply,
                           struct findings *findings, struct error *err) {
    (void)findings;
    static const char *const keys[] = {"deprecated", "aliases"};
    struct entry_states states;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = store_entry_states_load(api->store, request->arena, &(struct entry_states_query){0},
                                     &states, err);
    if (status) {
        return status;
    }
    scoped(cleanup_json) json_t *answer = json_pack("{s:[],s:[]}", keys[0], keys[1]);
    for (size_t i = 0; answer && i < states.count; i++) {
        json_t *list = json_object_get(answer, keys[states.items[i].is_alias]);
        if (json_array_append_new(list, encode_state(&states.items[i]))) {
            return fail_no_memory(err);
        }
    }
    return reply_json(request, reply, answer ? json_incref(answer) : NULL, err);
}
