// SPDX-License-Identifier: MIT
// What can be changed on the pages, each through the handler of the JSON route that does the same.
#include "registryd/api/environments/environments.h"
#include "registryd/api/packages/lifecycle.h"
#include "registryd/web/frame/form.h"
#include "registryd/web/frame/page.h"
#include "registryd/web/pages/pages.h"
#include "schema/json/json.h"

#include <stdlib.h>

// Sets `key` to the field when the form has it. False when out of memory.
static bool put_field(json_t *body, const char *key, const struct form *form, const char *field) {
    const char *value = form_find(form, field);
    return !value || !json_object_set_new(body, key, json_string(value));
}

enum status page_yank(struct api *api, const struct request *request, struct reply *reply,
                      struct findings *findings, struct error *err) {
    struct form form;
    struct error problem = {0};
    problem.status = form_decode(api, request, &form, &problem);
    if (problem.status) {
        return page_answer_problem(api, request, reply, &problem, err);
    }
    bool takes_back = form_find(&form, "back") != NULL;
    json_t *body = json_object();
    if (!takes_back && !put_field(body, "reason", &form, "reason")) {
        json_decref(body);
        return fail_no_memory(err);
    }
    struct form_action action = {
        .handler = takes_back ? lifecycle_unyank : lifecycle_yank,
        .body = body,
        .back = address_make(request->arena, "/packages", request_path(request, "name")),
    };
    return form_act(api, request, reply, &action, findings, err);
}

enum status page_set_status(struct api *api, const struct request *request, struct reply *reply,
                            struct findings *findings, struct error *err) {
    struct form form;
    struct error problem = {0};
    problem.status = form_decode(api, request, &form, &problem);
    if (problem.status) {
        return page_answer_problem(api, request, reply, &problem, err);
    }
    json_t *body = json_object();
    if (!put_field(body, "status", &form, "status") ||
        !put_field(body, "reason", &form, "reason") ||
        !put_field(body, "replaced_by", &form, "replaced_by")) {
        json_decref(body);
        return fail_no_memory(err);
    }
    struct form_action action = {
        .handler = lifecycle_package_status,
        .body = body,
        .back = address_make(request->arena, "/packages", request_path(request, "name")),
    };
    return form_act(api, request, reply, &action, findings, err);
}

// {"enabled": true|false|null, "pin": …|null} of the fields state and pin.
static json_t *decide(const struct form *form) {
    const char *state = form_find(form, "state");
    const char *pin = form_find(form, "pin");
    bool is_on = state && strcmp(state, "enabled") == 0;
    bool is_off = state && strcmp(state, "disabled") == 0;
    json_t *enabled = is_on || is_off ? json_boolean(is_on) : json_null();
    json_t *body = json_pack("{s:o}", "enabled", enabled);
    bool has_pin = pin || form_find(form, "clears_pin");
    if (has_pin && json_object_set_new(body, "pin", pin ? json_string(pin) : json_null())) {
        json_decref(body);
        return NULL;
    }
    return body;
}

enum status page_set_plugin(struct api *api, const struct request *request, struct reply *reply,
                            struct findings *findings, struct error *err) {
    struct form form;
    struct error problem = {0};
    problem.status = form_decode(api, request, &form, &problem);
    const char *package = problem.status ? NULL : form_find(&form, "package");
    if (!problem.status && !package) {
        fail(&problem, STATUS_INVALID, "/package", "Say which package");
    }
    if (problem.status) {
        return page_answer_problem(api, request, reply, &problem, err);
    }
    const char *environment = request_path(request, "environment");
    struct parameter *path = arena_array(request->arena, 2, sizeof *path);
    if (!path) {
        return fail_no_memory(err);
    }
    path[0] = (struct parameter){"environment", environment};
    path[1] = (struct parameter){"package", package};
    struct form_action action = {
        .handler = environments_patch_plugin,
        .path = path,
        .path_count = 2,
        .body = decide(&form),
        .back = address_make(request->arena, "/environments", environment),
    };
    return form_act(api, request, reply, &action, findings, err);
}

enum status page_rollback(struct api *api, const struct request *request, struct reply *reply,
                          struct findings *findings, struct error *err) {
    struct form form;
    struct error problem = {0};
    problem.status = form_decode(api, request, &form, &problem);
    if (problem.status) {
        return page_answer_problem(api, request, reply, &problem, err);
    }
    const char *revision = form_find(&form, "revision");
    struct form_action action = {
        .handler = environments_rollback,
        .body = json_pack("{s:I}", "revision",
                          (json_int_t)(revision ? strtoll(revision, NULL, 10) : 0)),
        .back = address_make(request->arena, "/environments", request_path(request, "environment")),
    };
    return form_act(api, request, reply, &action, findings, err);
}
