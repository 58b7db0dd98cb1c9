// SPDX-License-Identifier: MIT
// A group that the registry does not have is answered like a group without plugins, because a host may ask before
// the first plugin is published. A command that would act on that answer asks here first.
#include "client/cli/input/group_guess.h"

#include "client/walk/project.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/base/text.h"
#include "schema/json/json.h"

json_t *group_guess_load(const struct api_call *call) {
    struct fetch_request request = {.method = "GET", .path = "/v1/groups?limit=1000"};
    json_t *answer = NULL;
    return api_call_json(call, &request, &answer, NULL) ? NULL : answer;
}

struct guess group_guess(const char *wanted, const json_t *groups) {
    enum { TOO_FAR = 4 };
    struct guess guess = guess_begin(wanted, TOO_FAR);
    const json_t *names = json_object_get(groups, "groups");
    for (size_t i = 0; convention_at(i); i++) {
        guess_offer(&guess, convention_at(i)->group);
    }
    for (size_t i = 0; i < json_array_size(names); i++) {
        guess_offer(&guess, json_string_value(json_object_get(json_array_get(names, i), "name")));
    }
    return guess;
}

static enum status fail_unknown(const struct api_call *call, const char *group, struct error *err) {
    scoped(cleanup_json) json_t *groups = group_guess_load(call);
    struct guess guess = group_guess(group, groups);
    return guess.nearest
               ? fail(err, STATUS_NOT_FOUND, NULL,
                      "The registry has no group \"%s\". Did you mean \"%s\"?", group,
                      guess.nearest)
               : fail(err, STATUS_NOT_FOUND, NULL,
                      "The registry has no group \"%s\". \"registryctl groups\" lists all groups.",
                      group);
}

enum status group_guess_check(const struct api_call *call, const char *const *groups, size_t count,
                              struct error *err) {
    for (size_t i = 0; i < count; i++) {
        scoped(cleanup_json) json_t *answer = NULL;
        scoped(buffer_done) struct buffer path;
        buffer_init(&path, LIMIT_PATH_BYTES);
        buffer_add_string(&path, "/v1/groups/");
        api_call_add_encoded(&path, groups[i]);
        if (path.failed) {
            return fail(err, STATUS_USAGE, NULL, "The name of the group is too long");
        }
        struct fetch_request request = {.method = "GET", .path = path.ptr};
        enum status status = api_call_json(call, &request, &answer, err);
        if (status) {
            return status == STATUS_NOT_FOUND ? fail_unknown(call, groups[i], err) : status;
        }
    }
    return STATUS_OK;
}
