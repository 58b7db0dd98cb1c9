// SPDX-License-Identifier: MIT
// Holds, on the pages of packages and of groups. One address for both ways: the hidden field "end" makes it the end of
// the hold. A hold without a reason is refused, because the people who meet it read the reason.
#include "registryd/api/groups/hold_use_case.h"
#include "registryd/request/document.h"
#include "registryd/web/forms/forms.h"
#include "registryd/web/frame/form.h"
#include "schema/packaging/entry_point.h"

void hold_form_add(struct page_context *page, bool is_group, const char *name,
                   const struct hold *hold) {
    struct html *html = page->html;
    const char *path = address_make(page->arena, is_group ? "/groups" : "/packages", name);
    if (!page_may(page, is_group ? ACCESS_GROUP : ACCESS_YANK, name)) {
        return;
    }
    page_open_form(page, path ? arena_printf(page->arena, "%s/hold", path) : NULL);
    if (hold) {
        page_hidden(html, "end", "1");
        html_element(html, "button", "End the hold");
    } else {
        page_field(html, &(struct page_field){.label = "Reason", .name = "reason"});
        html_element(html, "button", "Hold new releases");
    }
    html_close(html);
}

static enum status read_name(const struct request *request, struct hold_change *change,
                             struct error *err) {
    if (!change->is_group) {
        return document_package_path(request, STATUS_NOT_FOUND, &change->name, err);
    }
    change->name = request_path(request, "group");
    return entry_point_group_may_be_stored(text_from(change->name))
               ? STATUS_OK
               : fail(err, STATUS_NOT_FOUND, NULL, "This is not a valid group name");
}

static enum status set(struct api *api, const struct request *request, bool is_group,
                       struct findings *findings, struct error *err) {
    struct form form;
    struct lifecycle_outcome outcome;
    struct hold_change change = {.is_group = is_group, .actor = request->actor};
    enum status status = form_decode(api, request, &form, err);
    if (status) {
        return status;
    }
    status = read_name(request, &change, err);
    if (status) {
        return status;
    }
    if (!form_find(&form, "end")) {
        status = hold_read_reason(request, form_find(&form, "reason"), findings, &change, err);
    }
    return status ? status : hold_set(api, &change, &outcome, err);
}

enum status page_hold_package(struct api *api, const struct request *request, struct reply *reply,
                              struct findings *findings, struct error *err) {
    struct error problem = {0};
    problem.status = set(api, request, false, findings, &problem);
    const char *back = address_make(request->arena, "/packages", request_path(request, "name"));
    return form_answer(api, request, reply, back, &problem, err);
}

enum status page_hold_group(struct api *api, const struct request *request, struct reply *reply,
                            struct findings *findings, struct error *err) {
    struct error problem = {0};
    problem.status = set(api, request, true, findings, &problem);
    const char *back = address_make(request->arena, "/groups", request_path(request, "group"));
    return form_answer(api, request, reply, back, &problem, err);
}
