// SPDX-License-Identifier: MIT
// The way of a refusal to a browser. The router asks before it writes a problem document; what fails here leaves the
// reply as it was.
#include "registryd/web/frame/error_page.h"

#include "registryd/request/accept.h"
#include "registryd/web/frame/error_help.h"
#include "registryd/web/frame/page_answer.h"
#include "registryd/web/frame/static_files.h"
#include "schema/base/list.h"

#include <string.h>

// Package tools take HTML too, with a small weight: a browser wants it above all.
static bool is_wanted(const struct request *request) {
    static const struct accept_offer offers[] = {
        {"text/html", false},
        {"application/json", true},
        {"application/problem+json", true},
        {"application/vnd.pypi.simple.v1+json", false},
    };
    bool reads = strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;
    return reads && request->accept &&
           accept_choose(request->accept, offers, COUNT_OF(offers)) == 0;
}

static enum status go(struct reply *reply, int http_status, const char *location,
                      struct error *err) {
    if (!location) {
        return fail_no_memory(err);
    }
    reply->http_status = http_status;
    reply->location = location;
    reply->cache_control = "no-store";
    reply->content_type = "text/plain; charset=utf-8";
    reply->body = text_from("This page is at another address.\n");
    return STATUS_OK;
}

enum status page_favicon(struct api *api, const struct request *request, struct reply *reply,
                         struct findings *findings, struct error *err) {
    (void)api;
    (void)request;
    (void)findings;
    return go(reply, 303, static_files_address("icon.svg"), err);
}

enum status error_page_refuse(struct api *api, const struct request *request, struct reply *reply,
                              const struct error *problem, struct error *err) {
    if (!is_wanted(request)) {
        return fail(err, STATUS_UNSUPPORTED_MEDIA, NULL, "The client wants no page");
    }
    size_t len = strlen(request->path);
    // An address that a route took, such as /simple/NAME/, ends in a slash for a reason.
    bool has_slash = len > 1 && request->path[len - 1] == '/' && !request->path_parameter_count;
    if (problem->status == STATUS_UNAUTHORIZED && !request->authorization) {
        return go(reply, 303, error_help_sign_in_address(request), err);
    }
    if (problem->status == STATUS_NOT_FOUND && has_slash) {
        return go(reply, 301, error_help_own_address(request), err);
    }
    struct error shown = *problem;
    if (problem->status == STATUS_NOT_FOUND && !request->path_parameter_count) {
        fail(&shown, STATUS_NOT_FOUND, NULL, "There is no page at %s", request->path);
    }
    return page_answer_refusal(api, request, reply, &shown, err);
}
