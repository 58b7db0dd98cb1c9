// SPDX-License-Identifier: MIT
// What you can change on the pages of environments. Each form is read into typed arguments and handed to the use case
// that the JSON routes call too; nothing of a rule is here. The route table has checked the right before.
// The handlers end with a redirect or a page that says what went wrong: an error of a use case
// becomes `problem`, and only a fault of the page itself is returned.
#include "registryd/web/environment/environment_pages.h"

#include "registryd/api/environments/environment_freeze.h"
#include "registryd/api/environments/environment_use_cases.h"
#include "registryd/web/frame/form.h"
#include "registryd/web/frame/page.h"
#include "schema/base/list.h"
#include "schema/packaging/name.h"
#include "schema/packaging/version/version.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

// The page of the environment that was changed: the browser is sent there after the form.
static const char *back_to(const struct request *request) {
    return address_make(request->arena, "/environments", request_path(request, "environment"));
}

// The empty choice is "by policy". Another word than those of the form is an error: as "by policy" it would remove
// what is decided.
static enum status read_state(const char *text, enum environment_plugin_state *ret_state,
                              struct error *err) {
    static const char *const words[] = {
        [PLUGIN_ENABLED] = "enabled", [PLUGIN_DISABLED] = "disabled", [PLUGIN_ALLOWED] = "allowed"};
    *ret_state = PLUGIN_UNSET;
    for (size_t i = PLUGIN_ENABLED; text && i < COUNT_OF(words); i++) {
        if (strcmp(text, words[i]) == 0) {
            *ret_state = (enum environment_plugin_state)i;
            return STATUS_OK;
        }
    }
    return text ? fail(err, STATUS_INVALID, "/state",
                       "The state must be \"enabled\", \"disabled\" or \"allowed\"")
                : STATUS_OK;
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
    enum environment_plugin_state state;
    status = read_state(form_find(&form, "state"), &state, err);
    if (status) {
        return status;
    }
    const char *pin = form_find(&form, "pin");
    const struct plugin_decision decision = {
        .environment = request_path(request, "environment"),
        .package = form_find(&form, "package"),
        .state = state,
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
    return form_answer(api, request, reply, back_to(request), &problem, err);
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
    return form_answer(api, request, reply, back_to(request), &problem, err);
}

// ---- the state of an environment ----

// Both parts are put into normal form, since a lock is searched by it.
static enum status parse_ignored(struct arena *arena, const char *text,
                                 struct release_name *ret_name) {
    const char *at = strstr(text, "==");
    const struct version *version = NULL;
    if (!at) {
        return STATUS_INVALID;
    }
    enum status status =
        name_normalize(arena, (struct text){text, (size_t)(at - text)}, &ret_name->package, NULL);
    if (status) {
        return status;
    }
    status = version_parse(arena, text_from(at + 2), &version, NULL);
    if (status) {
        return status;
    }
    ret_name->version = version_string(version);
    return STATUS_OK;
}

// "crm==1.2" as a release; the use case says whether it is one that can be ignored.
static enum status read_ignored(struct arena *arena, const char *text,
                                struct release_name *ret_name, struct error *err) {
    enum status status = parse_ignored(arena, text, ret_name);
    if (status == STATUS_NO_MEMORY) {
        return fail_no_memory(err);
    }
    return status ? fail(err, STATUS_INVALID, "/ignored", "Name a release as PACKAGE==VERSION")
                  : STATUS_OK;
}

static enum status freeze(const struct edit_context *call, const struct form *form,
                          struct environment_edited *ret_edited, struct error *err) {
    struct release_name ignored = {0};
    struct freeze_wish wish = {.allow_without_files = form_find(form, "without_files"),
                               .reason = form_find(form, "reason"),
                               .ignored = &ignored};
    const char *text = form_find(form, "ignored");
    if (text) {
        enum status status = read_ignored(call->request->arena, text, &ignored, err);
        if (status) {
            return status;
        }
        wish.ignored_count = 1;
    }
    return environment_freeze(call, &wish, ret_edited, err);
}

static enum status promote(const struct edit_context *call, const struct form *form,
                           struct environment_edited *ret_edited, struct error *err) {
    const struct promote_wish wish = {.from = form_find(form, "from"),
                                      .reason = form_find(form, "reason")};
    return wish.from ? environment_promote(call, &wish, ret_edited, err)
                     : fail(err, STATUS_INVALID, "/from", "Name the environment of the lock");
}

static enum status thaw(const struct edit_context *call, const struct form *form,
                        struct environment_edited *ret_edited, struct error *err) {
    return environment_thaw(call, form_find(form, "reason"), ret_edited, err);
}

static enum status archive(const struct edit_context *call, const struct form *form,
                           struct environment_edited *ret_edited, struct error *err) {
    return environment_archive(call, form_find(form, "reason"), ret_edited, err);
}

static enum status restore(const struct edit_context *call, const struct form *form,
                           struct environment_edited *ret_edited, struct error *err) {
    return environment_restore(call, form_find(form, "reason"), ret_edited, err);
}

// The hidden field "action" of the forms in environment_state.c names the row.
static const struct {
    const char *action;
    enum status (*run)(const struct edit_context *call, const struct form *form,
                       struct environment_edited *ret_edited, struct error *err);
} state_actions[] = {{"freeze", freeze},
                     {"thaw", thaw},
                     {"promote", promote},
                     {"archive", archive},
                     {"restore", restore}};

static enum status set_state(const struct edit_context *call, struct error *err) {
    struct form form;
    struct environment_edited edited;
    enum status status = form_decode(call->api, call->request, &form, err);
    if (status) {
        return status;
    }
    const char *action = form_find(&form, "action");
    for (size_t i = 0; action && i < COUNT_OF(state_actions); i++) {
        if (strcmp(state_actions[i].action, action) == 0) {
            return state_actions[i].run(call, &form, &edited, err);
        }
    }
    return fail(err, STATUS_INVALID, "/action", "Choose what to do");
}

enum status page_set_state(struct api *api, const struct request *request, struct reply *reply,
                           struct findings *findings, struct error *err) {
    const struct edit_context call = {api, request, findings};
    struct error problem = {0};
    problem.status = set_state(&call, &problem);
    return form_answer(api, request, reply, back_to(request), &problem, err);
}
