// SPDX-License-Identifier: MIT
// The JSON face of environment_freeze.h: bodies in, the revision that is there now out. Also the lock itself,
// as it was written down.
#include "registryd/api/environments/environments.h"
#include "registryd/api/environments/handlers.h"

#include "registryd/api/environments/environment_freeze.h"
#include "registryd/request/body.h"
#include "registryd/request/query.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/json/json.h"
#include "schema/packaging/name.h"
#include "schema/packaging/version/version.h"

// ---- bodies ----

// Name and version are put into normal form, since locks are searched by it.
static void read_ignored(struct object_reader *reader, const char *where, const json_t *value,
                         struct release_name *name) {
    static const struct object_member members[] = {
        {"package", MEMBER_LINE, offsetof(struct release_name, package), .required = true,
         .max = LIMIT_NAME_BYTES},
        {"version", MEMBER_LINE, offsetof(struct release_name, version), .required = true,
         .max = LIMIT_VERSION_BYTES},
    };
    const struct version *version = NULL;
    struct error err = {0};
    object_decode(reader, where, value, members, COUNT_OF(members), name);
    if (name->package &&
        name_normalize(reader->arena, text_from(name->package), &name->package, &err)) {
        object_add_cause(reader, "name-invalid", json_pointer(reader->arena, where, "package"),
                         &err);
    }
    if (name->version && version_parse(reader->arena, text_from(name->version), &version, &err)) {
        object_add_cause(reader, "version-invalid", json_pointer(reader->arena, where, "version"),
                         &err);
    }
    name->version = version ? version_string(version) : name->version;
}

// Example: "ignore_quarantine": [{"package": "crm", "version": "1.2"}]. Every item is decoded even
// when one is wrong, so the answer names all faults at once.
static void read_ignored_list(struct object_reader *reader, const char *where, const json_t *value,
                              void *target) {
    struct freeze_wish *wish = target;
    if (!object_is(reader, where, value, JSON_ARRAY, LIMIT_LOCK_IGNORED)) {
        return;
    }
    struct release_name *names = object_array(reader, json_array_size(value), sizeof *names);
    size_t index;
    const json_t *item;
    json_array_foreach(value, index, item) {
        if (names) {
            read_ignored(reader, json_pointer_index(reader->arena, where, index), item,
                         &names[index]);
        }
    }
    wish->ignored = names;
    wish->ignored_count = names ? json_array_size(value) : 0;
}

static const struct object_member freeze_members[] = {
    {"reason", MEMBER_LINE, offsetof(struct freeze_wish, reason), .max = LIMIT_SHORT_TEXT_BYTES},
    {"allow_without_files", MEMBER_FLAG, offsetof(struct freeze_wish, allow_without_files)},
    {"ignore_quarantine", MEMBER_CUSTOM, 0, .decode = read_ignored_list},
};
static const struct body_form freeze_form = {"A freeze", freeze_members, COUNT_OF(freeze_members),
                                             LIMIT_DOCUMENT_BYTES, .may_be_empty = true};

static const struct object_member promote_members[] = {
    {"from", MEMBER_LINE, offsetof(struct promote_wish, from), .required = true,
     .max = LIMIT_NAME_BYTES},
    {"revision", MEMBER_INTEGER, offsetof(struct promote_wish, revision), .min = 1,
     .max = INT64_MAX},
    {"reason", MEMBER_LINE, offsetof(struct promote_wish, reason), .max = LIMIT_SHORT_TEXT_BYTES},
};
static const struct body_form promote_form = {"A promotion", promote_members,
                                              COUNT_OF(promote_members), LIMIT_SMALL_BODY_BYTES};

// Of the changes that have nothing but a reason.
struct state_wish {
    const char *reason;
};
static const struct object_member state_members[] = {
    {"reason", MEMBER_LINE, offsetof(struct state_wish, reason), .max = LIMIT_SHORT_TEXT_BYTES},
};
static const struct body_form state_form = {"The change", state_members, COUNT_OF(state_members),
                                            LIMIT_SMALL_BODY_BYTES, .may_be_empty = true};

static enum status read_body(const struct edit_context *call, const struct body_form *form,
                             void *target, struct error *err) {
    const char *name = NULL;
    enum status status = query_begin(call->api, call->request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = environments_path(call->request, STATUS_NOT_FOUND, &name, err);
    return status ? status : body_decode(call->request, form, call->findings, target, err);
}

// ---- handlers ----

enum status environments_freeze(struct api *api, const struct request *request, struct reply *reply,
                                struct findings *findings, struct error *err) {
    const struct edit_context call = {api, request, findings};
    struct freeze_wish wish = {0};
    struct environment_edited edited;
    enum status status = read_body(&call, &freeze_form, &wish, err);
    if (status) {
        return status;
    }
    status = environment_freeze(&call, &wish, &edited, err);
    return status ? status : environments_reply_edited(request, reply, &edited, err);
}

enum status environments_promote(struct api *api, const struct request *request,
                                 struct reply *reply, struct findings *findings,
                                 struct error *err) {
    const struct edit_context call = {api, request, findings};
    struct promote_wish wish = {0};
    struct environment_edited edited;
    enum status status = read_body(&call, &promote_form, &wish, err);
    if (status) {
        return status;
    }
    status = environment_promote(&call, &wish, &edited, err);
    return status ? status : environments_reply_edited(request, reply, &edited, err);
}

// The three changes differ only in the use case that they call.
typedef enum status state_change(const struct edit_context *call, const char *reason,
                                 struct environment_edited *ret_edited, struct error *err);

static enum status change_state(const struct edit_context *call, state_change *change,
                                struct reply *reply, struct error *err) {
    struct state_wish wish = {0};
    struct environment_edited edited;
    enum status status = read_body(call, &state_form, &wish, err);
    if (status) {
        return status;
    }
    status = change(call, wish.reason, &edited, err);
    return status ? status : environments_reply_edited(call->request, reply, &edited, err);
}

enum status environments_thaw(struct api *api, const struct request *request, struct reply *reply,
                              struct findings *findings, struct error *err) {
    const struct edit_context call = {api, request, findings};
    return change_state(&call, environment_thaw, reply, err);
}

enum status environments_archive(struct api *api, const struct request *request,
                                 struct reply *reply, struct findings *findings,
                                 struct error *err) {
    const struct edit_context call = {api, request, findings};
    return change_state(&call, environment_archive, reply, err);
}

enum status environments_restore(struct api *api, const struct request *request,
                                 struct reply *reply, struct findings *findings,
                                 struct error *err) {
    const struct edit_context call = {api, request, findings};
    return change_state(&call, environment_restore, reply, err);
}

// ---- the lock ----

json_t *environments_encode_lock(const struct environment_lock_row *row) {
    // clang-format off
    return json_pack("{s:I,s:s,s:I,s:I,s:s,s:s}",
                     "id", (json_int_t)row->id,
                     "environment", row->environment,
                     "revision", (json_int_t)row->revision,
                     "release_count", (json_int_t)row->release_count,
                     "made_at", row->made_at,
                     "made_by", row->made_by);
    // clang-format on
}

// A past revision keeps its lock, so `?revision=` shows what the environment answered then.
static enum status load_lock(struct api *api, const struct request *request, int64_t revision,
                             struct environment_detail *ret_detail,
                             struct environment_lock_row *ret_lock, struct error *err) {
    const char *name = NULL;
    enum status status = environments_path(request, STATUS_NOT_FOUND, &name, err);
    if (status) {
        return status;
    }
    status = store_environment_load(api->reading, request->arena, name, revision, ret_detail, err);
    if (status) {
        return status;
    }
    if (!ret_detail->row.lock_id) {
        return fail(err, STATUS_NOT_FOUND, NULL,
                    "The environment \"%s\" is not frozen at revision %lld", name,
                    (long long)ret_detail->row.revision);
    }
    return store_environment_lock_load(api->reading, request->arena, ret_detail->row.lock_id,
                                       ret_lock, err);
}

enum status environments_lock(struct api *api, const struct request *request, struct reply *reply,
                              struct findings *findings, struct error *err) {
    (void)findings;
    static const struct query_rule rules[] = {{.name = "revision"}};
    static const struct query_range any_revision = {"revision", 1, INT64_MAX, 0};
    int64_t revision = 0;
    struct environment_detail detail;
    struct environment_lock_row lock;
    enum status status = query_begin(api, request, rules, COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    status = query_integer(request, &any_revision, &revision, err);
    if (status) {
        return status;
    }
    status = load_lock(api, request, revision, &detail, &lock, err);
    if (status) {
        return status;
    }
    scoped(cleanup_json) json_t *json = json_loads(lock.document, 0, NULL);
    bool failed = json_object_set_new(json, "environment", json_text(detail.row.name)) ||
                  json_object_set_new(json, "at_revision", json_integer(detail.row.revision)) ||
                  json_object_set_new(json, "lock", environments_encode_lock(&lock));
    return failed ? fail_no_memory(err) : reply_json(request, reply, take(json), err);
}
