// SPDX-License-Identifier: MIT
// GET /v1/changes and its answer. A request may wait at the registry until there is a change, so its
// deadline is longer by that time.
#include "client/remote/changes.h"

#include "client/remote/api_call.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"

static const char *copy_member(struct arena *arena, const json_t *object, const char *key) {
    return arena_strdup(arena, json_string_value(json_object_get(object, key)));
}

static const char *join_groups(struct arena *arena, const json_t *groups) {
    const char *text = "";
    for (size_t i = 0; text && i < json_array_size(groups); i++) {
        const char *group = json_string_value(json_array_get(groups, i));
        text = arena_printf(arena, "%s%s%s", text, i ? ", " : "", group ? group : "?");
    }
    return text;
}

static enum status decode_change(struct arena *arena, const json_t *item, struct change *ret_change,
                                 struct error *err) {
    *ret_change = (struct change){
        .serial = json_integer_value(json_object_get(item, "serial")),
        .kind = copy_member(arena, item, "kind"),
        .package = copy_member(arena, item, "package"),
        .version = copy_member(arena, item, "version"),
        .at = copy_member(arena, item, "at"),
        .groups = join_groups(arena, json_object_get(item, "groups")),
    };
    bool is_change = ret_change->serial > 0 && ret_change->kind && ret_change->groups;
    return is_change ? STATUS_OK
                     : fail(err, STATUS_UNREACHABLE, NULL,
                            "The registry's list of changes cannot be understood");
}

static enum status decode(struct arena *arena, const json_t *answer, struct changes *ret_changes,
                          struct error *err) {
    const json_t *array = json_object_get(answer, "changes");
    struct changes changes = {.count = json_array_size(array),
                              .serial = json_integer_value(json_object_get(answer, "serial")),
                              .epoch = copy_member(arena, answer, "epoch")};
    changes.items = arena_array(arena, changes.count ? changes.count : 1, sizeof *changes.items);
    if (!changes.items) {
        return fail_no_memory(err);
    }
    if (!json_is_array(array) || !changes.epoch) {
        return fail(err, STATUS_UNREACHABLE, NULL,
                    "The registry's list of changes cannot be understood");
    }
    for (size_t i = 0; i < changes.count; i++) {
        enum status status = decode_change(arena, json_array_get(array, i), &changes.items[i], err);
        if (status) {
            return status;
        }
    }
    *ret_changes = changes;
    return STATUS_OK;
}

enum status changes_load(struct arena *arena, const struct connection *connection, int64_t since,
                         int wait_seconds, struct changes *ret_changes, struct error *err) {
    scoped(cleanup_json) json_t *answer = NULL;
    struct connection patient = *connection;
    struct api_call call = {.arena = arena, .connection = &patient};
    patient.timeout_ms += wait_seconds * 1000;
    struct fetch_request request = {
        .method = "GET",
        .path = arena_printf(arena, "/v1/changes?since=%lld&limit=1000&wait=%d", (long long)since,
                             wait_seconds),
    };
    enum status status =
        request.path ? api_call_json(&call, &request, &answer, err) : fail_no_memory(err);
    if (status) {
        return status;
    }
    return decode(arena, answer, ret_changes, err);
}
