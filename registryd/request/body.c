// SPDX-License-Identifier: MIT
// Checking members against their rows.
#include "registryd/request/body.h"

#include "registryd/request/document.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"

#include <string.h>

static const struct body_member *find_member(const struct body_member *members, size_t count,
                                             const char *name) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(members[i].name, name) == 0) {
            return &members[i];
        }
    }
    return NULL;
}

static const char *type_name(json_type type) {
    switch (type) {
    case JSON_STRING:
        return "a text";
    case JSON_INTEGER:
        return "a whole number";
    case JSON_ARRAY:
        return "a list";
    case JSON_TRUE:
        return "true or false";
    default:
        return "an object";
    }
}

static enum status check_member(const struct body_member *member, const json_t *value,
                                const char *where, struct error *err) {
    bool is_type =
        member->type == JSON_TRUE ? json_is_boolean(value) : json_typeof(value) == member->type;
    if (!is_type) {
        return fail(err, STATUS_INVALID, where, "%s must be %s, not %s", member->name,
                    type_name(member->type), json_type_name(value));
    }
    if (member->type != JSON_STRING) {
        return STATUS_OK;
    }
    size_t len = json_string_length(value);
    const char *text = json_string_value(value);
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) {
            return fail(err, STATUS_INVALID, where,
                        "%s must be one line without control characters", member->name);
        }
    }
    return len && len <= member->max_bytes
               ? STATUS_OK
               : fail(err, STATUS_INVALID, where, "%s must have 1 to %zu bytes", member->name,
                      member->max_bytes);
}

static enum status check_members(const struct request *request, const struct body_member *members,
                                 size_t count, json_t *json, struct error *err) {
    const char *name = NULL;
    json_t *value = NULL;
    void *next = NULL;
    json_object_foreach_safe(json, next, name, value) {
        const struct body_member *member = find_member(members, count, name);
        const char *where = json_pointer(request->arena, "", name);
        if (!member) {
            return fail(err, STATUS_INVALID, where, "There is no member of this name here");
        }
        enum status status =
            json_is_null(value) ? STATUS_OK : check_member(member, value, where, err);
        if (status) {
            return status;
        }
        if (json_is_null(value)) {
            json_object_del(json, member->name);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (members[i].required && !json_object_get(json, members[i].name)) {
            return fail(err, STATUS_INVALID, json_pointer(request->arena, "", members[i].name),
                        "%s is missing", members[i].name);
        }
    }
    return STATUS_OK;
}

enum status body_decode(const struct request *request, const struct body_member *members,
                        size_t count, json_t **ret_json, struct error *err) {
    scoped(cleanup_json) json_t *json = NULL;
    enum status status = STATUS_OK;
    if (request->body.len) {
        status = document_check_json(request, "The body", err);
        status = status ? status : json_parse(request->body, LIMIT_SMALL_BODY_BYTES, &json, err);
    } else if (!(json = json_object())) {
        status = fail_no_memory(err);
    }
    if (!status && !json_is_object(json)) {
        status = fail(err, STATUS_INVALID, NULL, "The body must be an object, not %s",
                      json_type_name(json));
    }
    if (!status) {
        status = check_members(request, members, count, json, err);
    }
    if (!status) {
        *ret_json = take(json);
    }
    return status;
}

const char *body_text(const json_t *json, const char *name) {
    return json_string_value(json_object_get(json, name));
}
