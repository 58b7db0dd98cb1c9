// SPDX-License-Identifier: MIT
// What you can change on the pages of packages. Each form is read into typed arguments and
// handed to the use case of its resource, which the JSON routes call too; nothing of a rule is here.
// The route table has checked the right on the object before.
// The handlers end with a redirect or a page that says what went wrong: an error of a use case
// becomes `problem`, and only a fault of the page itself is returned.
#include "registryd/api/packages/lifecycle_use_cases.h"
#include "registryd/request/document.h"
#include "registryd/web/frame/form.h"
#include "registryd/web/frame/page.h"
#include "registryd/web/pages/pages.h"

// The page of the package that was changed: the browser is sent there after the form.
static const char *back_to(const struct request *request) {
    return address_make(request->arena, "/packages", request_path(request, "name"));
}

// The same use case as POST …/yank of the API.
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
    return form_answer(api, request, reply, back_to(request), &problem, err);
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
    return form_answer(api, request, reply, back_to(request), &problem, err);
}
