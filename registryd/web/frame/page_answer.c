// SPDX-License-Identifier: MIT
// A page is never cut short: it is made whole in memory, or a page that says what went wrong is sent in its place.
// Who reads is looked up once for each page, and not at all where the store may be the trouble.
#include "registryd/web/frame/page_answer.h"

#include "registryd/access/session.h"
#include "registryd/hash/etag.h"
#include "registryd/web/frame/error_help.h"
#include "schema/base/cleanup.h"

enum { PAGE_BYTES_MAX = 4 * 1024 * 1024 };

// A fault of the server itself: its words are for the log.
static bool is_fault(const struct error *problem) {
    return problem->status == STATUS_INTERNAL || problem->status == STATUS_IO;
}

// Under load and while something is away, a page must not ask the store who its reader is.
static bool is_in_need(const struct error *problem) {
    return is_fault(problem) || problem->status == STATUS_TOO_MANY ||
           problem->status == STATUS_UNAVAILABLE || problem->status == STATUS_NO_MEMORY;
}

// The request's id is what an operator finds in the log.
static enum status make_error_page(struct page_context *page, const struct error *problem) {
    const struct status_info *info = status_info(problem->status);
    bool has_words = !is_fault(problem) && problem->message[0];
    page->http_status = info->http_status;
    page_begin(page, PAGE_NOWHERE, info->default_text);
    html_element(page->html, "p",
                 has_words ? problem->message : "The error is in the log of registryd.");
    error_help_add(page, problem);
    html_open(page->html, "p.dim");
    html_printf(page->html, "%d %s · request %s", info->http_status, info->wire_name,
                page->request->request_id);
    html_close(page->html);
    page_end(page);
    return STATUS_OK;
}

// A page for somebody who is signed in holds forms and rights of that person, so no cache keeps it.
// Other pages have an entity tag: a reload of an unchanged page sends no body.
static enum status put_into_reply(const struct page_context *page, struct reply *reply,
                                  struct error *err) {
    struct text body;
    enum status status = html_finish(page->html, &body, err);
    char *etag = arena_alloc(page->arena, ETAG_SIZE);
    if (status || !etag) {
        return status ? status : fail_no_memory(err);
    }
    reply->content_type = "text/html; charset=utf-8";
    reply->http_status = page->http_status;
    reply->has_forms = true;
    reply->image_hosts = page->api->image_hosts;
    reply->body = body;
    if (page->http_status == 200 && !page->rights) {
        hash_etag(body.ptr, body.len, etag);
        reply->etag = etag;
    } else {
        reply->cache_control = "no-store";
    }
    return STATUS_OK;
}

CLEANUP_DEFINE(struct html *, free_html, html_done)

// The request without the parameters that a form sent empty.
// A browser sends "?q=mail&group=&status=" for a form with one field filled in. The decoders are
// those of the API, which would look for the group "".
static enum status drop_blanks(const struct request *request, struct request *ret_request,
                               struct error *err) {
    struct parameter *kept = arena_array(request->arena, request->query_count + 1, sizeof *kept);
    if (!kept) {
        return fail_no_memory(err);
    }
    *ret_request = *request;
    ret_request->query = kept;
    ret_request->query_count = 0;
    for (size_t i = 0; i < request->query_count; i++) {
        if (request->query[i].value[0]) {
            kept[ret_request->query_count++] = request->query[i];
        }
    }
    return STATUS_OK;
}

// Who signed in, as the store says now. A token that is no longer valid counts as no sign-in.
// While the store is away the page is made for a visitor without rights, instead of none at all.
static enum status find_visitor(struct page_context *page, struct error *err) {
    struct session session;
    struct error why;
    if (session_find(page->api, page->request, &session, &why)) {
        return STATUS_OK;
    }
    struct rights *rights = arena_alloc(page->arena, sizeof *rights);
    page->form_token = session_form_token(page->arena, &session);
    if (!rights || !page->form_token) {
        return fail_no_memory(err);
    }
    enum status status = access_load_hash(page->api, page->arena, session.token_hash, rights, err);
    page->rights = status ? NULL : rights;
    return status == STATUS_NO_MEMORY ? status : STATUS_OK;
}

// Faults of the server itself go up, where they are logged and answered in general words; all
// others are the reader's business and shown as a page.
enum status page_answer_problem(struct api *api, const struct request *request, struct reply *reply,
                                const struct error *problem, struct error *err) {
    if (is_fault(problem)) {
        return fail(err, problem->status, problem->where, "%s", problem->message); // it is logged
    }
    return page_answer_refusal(api, request, reply, problem, err);
}

enum status page_answer_refusal(struct api *api, const struct request *request, struct reply *reply,
                                const struct error *problem, struct error *err) {
    struct html html;
    scoped(free_html) struct html *writer = &html;
    struct page_context page = {
        .api = api, .request = request, .arena = request->arena, .html = writer};
    html_init(writer, request->arena, PAGE_BYTES_MAX);
    enum status status = is_in_need(problem) ? STATUS_OK : find_visitor(&page, err);
    if (status) {
        return status;
    }
    make_error_page(&page, problem);
    status = put_into_reply(&page, reply, err);
    return status;
}

// A maker may fail half-way: what it wrote is thrown away with the writer.
static enum status make_page(struct page_context *page, page_maker *maker, struct reply *reply,
                             struct error *err) {
    enum status status = maker(page, err);
    if (status) {
        return status;
    }
    return put_into_reply(page, reply, err);
}

// Every page goes through here: blanks dropped, visitor found, page made, and an error page in its place when
// the maker failed.
enum status page_answer(struct api *api, const struct request *request, struct reply *reply,
                        page_maker *maker, struct error *err) {
    struct html html;
    scoped(free_html) struct html *writer = &html;
    struct request asked;
    struct page_context page = {
        .api = api, .request = &asked, .arena = request->arena, .html = writer, .http_status = 200};
    struct error problem = {0};
    html_init(writer, request->arena, PAGE_BYTES_MAX);
    enum status status = drop_blanks(request, &asked, err);
    if (status) {
        return status;
    }
    status = find_visitor(&page, err);
    if (status) {
        return status;
    }
    status = make_page(&page, maker, reply, &problem);
    if (status) {
        problem.status = status;
        return page_answer_problem(api, request, reply, &problem, err);
    }
    return STATUS_OK;
}
