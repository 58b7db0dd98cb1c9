// SPDX-License-Identifier: MIT
// What you can change on the pages of packages and environments. Each form is read into typed arguments and
// handed to the use case of its resource, which the JSON routes call too; nothing of a rule is here.
// The route table has checked the right on the object before.
// The handlers end with a redirect or a page that says what went wrong: an error of a use case
// becomes `problem`, and only a fault of the page itself is returned.
#include "registryd/api/environments/environment_use_cases.h"
#include "registryd/api/packages/lifecycle_use_cases.h"
#include "registryd/request/document.h"
#include "registryd/web/frame/form.h"
#include "registryd/web/frame/page.h"
#include "registryd/web/pages/pages.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *back_to(const struct request *request, const char *path, const char *parameter) {
    return address_make(request->arena, path, request_path(request, parameter));
}

// ---- packages ----

static enum status yank(struct api *api, const struct request *request, struct findings *findings,
                        struct error *err) {
    struct form form;
    struct release_path path;
    struct lifecycle_result result;
    enum status status = form_decode(api, request, &form, err);
    if (status) {
        return status;
    }
    status = document_release_path(request, STATUS_NOT_FOUND, &path, err);
    if (status) {
        return status;
    }
    struct lifecycle_wish wish = {.package = path.package,
                                  .version = path.version,
                                  .reason = form_find(&form, "reason"),
                                  .actor = request->actor};
    // One route for both buttons; the form of a yanked release sends "back".
    return form_find(&form, "back") ? release_unyank(api, &wish, &result, err)
                                    : release_yank(api, &wish, findings, &result, err);
}

enum status page_yank(struct api *api, const struct request *request, struct reply *reply,
                      struct findings *findings, struct error *err) {
    struct error problem = {0};
    problem.status = yank(api, request, findings, &problem);
    return form_answer(api, request, reply, back_to(request, "/packages", "name"), &problem, err);
}

static enum status set_status(struct api *api, const struct request *request,
                              struct findings *findings, struct error *err) {
    struct form form;
    struct lifecycle_wish wish = {.actor = request->actor};
    struct lifecycle_result result;
    enum status status = form_decode(api, request, &form, err);
    if (status) {
        return status;
    }
    status = document_package_path(request, STATUS_NOT_FOUND, &wish.package, err);
    if (status) {
        return status;
    }
    wish.status = form_find(&form, "status");
    wish.reason = form_find(&form, "reason");
    wish.replaced_by = form_find(&form, "replaced_by");
    return package_status_change(api, &wish, findings, &result, err);
}

enum status page_set_status(struct api *api, const struct request *request, struct reply *reply,
                            struct findings *findings, struct error *err) {
    struct error problem = {0};
    problem.status = set_status(api, request, findings, &problem);
    return form_answer(api, request, reply, back_to(request, "/packages", "name"), &problem, err);
}

// ---- environments ----

// The empty choice is "by policy".
static enum plugin_state read_state(const char *text) {
    return !text                           ? PLUGIN_STATE_BY_POLICY
           : strcmp(text, "enabled") == 0  ? PLUGIN_STATE_ENABLED
           : strcmp(text, "disabled") == 0 ? PLUGIN_STATE_DISABLED
                                           : PLUGIN_STATE_BY_POLICY;
}

static enum status set_plugin(struct api *api, const struct request *request,
                              struct findings *findings, struct error *err) {
    struct form form;
    const struct edit_context call = {api, request, findings};
    struct environment_edited edited;
    enum status status = form_decode(api, request, &form, err);
    if (status) {
        return status;
    }
    const char *pin = form_find(&form, "pin");
    const struct plugin_decision decision = {
        .environment = request_path(request, "environment"),
        .package = form_find(&form, "package"),
        .state = read_state(form_find(&form, "state")),
        // A form without a field for the pin must not remove the pin; one with the field left empty
        // must. The hidden field says which form it is.
        .decides_pin = pin || form_find(&form, "clears_pin"),
        .pin = pin,
    };
    if (!decision.package) {
        return fail(err, STATUS_INVALID, "/package", "Choose a package");
    }
    return environment_decide_plugin(&call, &decision, &edited, err);
}

enum status page_set_plugin(struct api *api, const struct request *request, struct reply *reply,
                            struct findings *findings, struct error *err) {
    struct error problem = {0};
    problem.status = set_plugin(api, request, findings, &problem);
    return form_answer(api, request, reply, back_to(request, "/environments", "environment"),
                       &problem, err);
}

static enum status roll_back(struct api *api, const struct request *request,
                             struct findings *findings, struct error *err) {
    struct form form;
    const struct edit_context call = {api, request, findings};
    struct environment_edited edited;
    char *end = NULL;
    enum status status = form_decode(api, request, &form, err);
    if (status) {
        return status;
    }
    const char *text = form_find(&form, "revision");
    errno = 0;
    int64_t revision = text ? strtoll(text, &end, 10) : 0;
    if (!text || *end || errno || revision < 1) {
        return fail(err, STATUS_INVALID, "/revision", "Choose the revision to roll back to");
    }
    return environment_roll_back(&call, revision, &edited, err);
}

enum status page_rollback(struct api *api, const struct request *request, struct reply *reply,
                          struct findings *findings, struct error *err) {
    struct error problem = {0};
    problem.status = roll_back(api, request, findings, &problem);
    return form_answer(api, request, reply, back_to(request, "/environments", "environment"),
                       &problem, err);
}
