// SPDX-License-Identifier: MIT
// Signing in and out. The token is pasted into a form and looked up like that of any request; the browser gets a
// cookie that names a session (access/session.h). A failed sign-in counts like any failed authentication.
// Both forms check that they were sent by a page of this server: another site must neither sign a visitor in
// with a token of its choice nor sign anybody out.
#include "registryd/access/access.h"
#include "registryd/request/query.h"
#include "registryd/access/session.h"
#include "registryd/access/token.h"
#include "registryd/web/frame/error_help.h"
#include "registryd/web/frame/form.h"
#include "registryd/web/frame/page_answer.h"
#include "registryd/web/pages/pages.h"

#include "schema/base/list.h"

#include <string.h>

static enum status make_sign_in(struct page_context *page, struct error *err) {
    static const struct query_rule rules[] = {{.name = "back"}};
    enum status status = query_begin(page->api, page->request, rules, COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    struct html *html = page->html;
    const char *back = request_query(page->request, "back");
    page_begin(page, PAGE_NOWHERE, "Sign in");
    html_element(html, "p",
                 "Paste a token. You can then do on these pages what the token allows, for example "
                 "yank a release or change an environment. The session ends when you sign out, "
                 "after twelve hours, or when the token is revoked.");
    if (error_help_is_own_address(back)) {
        html_element(html, "p",
                     "You need a token for the page that you asked for. You return to "
                     "it after signing in.");
    }
    html_open(html, "form.filters");
    html_attribute(html, "method", "post");
    html_attribute(html, "action", "/sign-in");
    if (error_help_is_own_address(back)) {
        page_hidden(html, "back", back);
    }
    html_open(html, "label.field.wide");
    html_element(html, "span", "Token");
    html_open(html, "input");
    html_attribute(html, "type", "password");
    html_attribute(html, "name", "token");
    // A token is no password that a browser should keep.
    html_attribute(html, "autocomplete", "off");
    html_attribute(html, "required", "");
    html_close(html);
    html_close(html);
    html_element(html, "button.main", "Sign in");
    html_close(html);
    page_end(page);
    return STATUS_OK;
}

enum status page_sign_in(struct api *api, const struct request *request, struct reply *reply,
                         struct findings *findings, struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_sign_in, err);
}

// Without a cookie nothing is set, and the browser keeps what it has. `back`: of the page that needed the sign-in; an
// address of another server is not followed.
static void go_back(struct reply *reply, const char *back, const char *cookie) {
    reply->http_status = 303;
    reply->location = error_help_is_own_address(back) ? back : "/";
    reply->set_cookie = cookie;
    reply->content_type = "text/plain; charset=utf-8";
    reply->body = text_from("Done.\n");
}

static enum status begin(struct api *api, const struct request *request, const char **ret_cookie,
                         const char **ret_back, struct error *err) {
    struct form form;
    struct rights rights;
    uint8_t hash[32];
    enum status status = form_decode_unbound(request, &form, err);
    if (status) {
        return status;
    }
    const char *token = form_find(&form, "token");
    *ret_back = form_find(&form, "back");
    struct text text = text_trim(text_from(token));
    status = access_authenticate(api, request, text, &rights, err);
    // The form is wrong, not the credentials of the request: 422.
    if (status == STATUS_UNAUTHORIZED) {
        return fail(err, STATUS_INVALID, NULL,
                    "The token is not valid: it is unknown, expired or revoked. Check that you "
                    "copied all of it, or create a new one.");
    }
    if (status) {
        return status;
    }
    // The session keeps the hash, never the text.
    token_hash(text, hash);
    return session_begin(api, request->arena, hash, ret_cookie, err);
}

enum status page_sign_in_take(struct api *api, const struct request *request, struct reply *reply,
                              struct findings *findings, struct error *err) {
    (void)findings;
    const char *cookie = NULL;
    const char *back = NULL;
    struct error problem = {0};
    problem.status = begin(api, request, &cookie, &back, &problem);
    if (problem.status) {
        return page_answer_problem(api, request, reply, &problem, err);
    }
    go_back(reply, back, cookie);
    return STATUS_OK;
}

enum status page_sign_out(struct api *api, const struct request *request, struct reply *reply,
                          struct findings *findings, struct error *err) {
    (void)findings;
    struct form form;
    struct session session;
    const char *cookie = NULL;
    struct error problem = {0};
    problem.status = form_decode(api, request, &form, &problem);
    if (problem.status) {
        return page_answer_problem(api, request, reply, &problem, err);
    }
    problem.status = session_find(api, request, &session, &problem);
    if (problem.status == STATUS_NOT_FOUND) { // another page has just signed out
        go_back(reply, NULL, NULL);
        return STATUS_OK;
    }
    if (!problem.status) {
        problem.status = session_end(api, &session, &cookie, &problem);
    }
    if (problem.status) {
        return page_answer_problem(api, request, reply, &problem, err);
    }
    go_back(reply, NULL, cookie);
    return STATUS_OK;
}
