// SPDX-License-Identifier: MIT
// The frame and the pieces. A page is never cut short: it is made whole in memory, or a page that says
// what went wrong is sent in its place.
#include "registryd/web/frame/page.h"

#include "registryd/access/session.h"
#include "registryd/hash/etag.h"
#include "registryd/web/frame/static_files.h"
#include "registryd/web/frame/json_view.h"
#include "schema/base/cleanup.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

enum { PAGE_BYTES_MAX = 4 * 1024 * 1024, DATE_LENGTH = 16 };

static const struct {
    const char *address;
    const char *label;
} sections[] = {
    [PAGE_PACKAGES] = {"/packages", "Packages"},
    [PAGE_GROUPS] = {"/groups", "Groups"},
    [PAGE_ENVIRONMENTS] = {"/environments", "Environments"},
    [PAGE_TRANSITION] = {"/transition", "Transition"},
    [PAGE_ACTIVITY] = {"/activity", "Activity"},
    [PAGE_STATUS] = {"/status", "Status"},
};

// ---- answering ----

// The request's id is what an operator finds in the log.
static enum status make_error_page(struct page_context *page, const struct error *problem) {
    const struct status_info *info = status_info(problem->status);
    page->http_status = info->http_status;
    page_begin(page, PAGE_NOWHERE, info->default_text);
    html_element(page->html, "p", problem->message);
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
    if (!session_find(page->api, page->request, &session)) {
        return STATUS_OK;
    }
    struct rights *rights = arena_alloc(page->arena, sizeof *rights);
    page->form_token = session_form_token(page->api, page->arena, &session);
    if (!rights || !page->form_token) {
        return fail_no_memory(err);
    }
    enum status status = access_load_hash(page->api, page->arena, session.token_hash, rights, err);
    page->rights = status ? NULL : rights;
    return status == STATUS_NO_MEMORY ? status : STATUS_OK;
}

// Only decides which forms are shown. The route that takes a form checks the right again.
bool page_may(struct page_context *page, enum access_level level, const char *object) {
    const struct access_check_args query = {level, object};
    return page->rights && !access_require(page->api, page->arena, page->rights, &query, NULL);
}

// Faults of the server itself go up, where they are logged and answered in general words; all
// others are the reader's business and shown as a page.
enum status page_answer_problem(struct api *api, const struct request *request, struct reply *reply,
                                const struct error *problem, struct error *err) {
    if (problem->status == STATUS_INTERNAL || problem->status == STATUS_IO) {
        return fail(err, problem->status, problem->where, "%s", problem->message); // it is logged
    }
    struct html html;
    scoped(free_html) struct html *writer = &html;
    struct page_context page = {
        .api = api, .request = request, .arena = request->arena, .html = writer};
    html_init(writer, request->arena, PAGE_BYTES_MAX);
    enum status status = find_visitor(&page, err);
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

// ---- the frame ----

// Script and style come from files of ours alone; the Content-Security-Policy allows nothing else.
static void add_head(struct page_context *page, const char *title) {
    struct html *html = page->html;
    html_open(html, "head");
    html_open(html, "meta");
    html_attribute(html, "charset", "utf-8");
    html_close(html);
    html_open(html, "meta");
    html_attribute(html, "name", "viewport");
    html_attribute(html, "content", "width=device-width, initial-scale=1");
    html_close(html);
    html_open(html, "title");
    html_printf(html, "%s · registryd", title);
    html_close(html);
    html_open(html, "link");
    html_attribute(html, "rel", "stylesheet");
    html_attribute(html, "href", static_files_address("style.css"));
    html_close(html);
    html_open(html, "link");
    html_attribute(html, "rel", "icon");
    html_attribute(html, "href", static_files_address("icon.svg"));
    html_close(html);
    html_open(html, "script");
    html_attribute(html, "type", "module");
    html_attribute(html, "src", static_files_address("catalogue.js"));
    html_close(html);
    html_close(html);
}

static void add_navigation(struct html *html, enum page_section section) {
    html_open(html, "nav");
    html_attribute(html, "aria-label", "Catalogue");
    html_open(html, "ul");
    for (size_t i = PAGE_PACKAGES; i < COUNT_OF(sections); i++) {
        html_open(html, "li");
        html_open(html, "a");
        html_attribute(html, "href", sections[i].address);
        html_attribute(html, "aria-current", i == section ? "page" : NULL);
        html_text(html, sections[i].label);
        html_close(html);
        html_close(html);
    }
    html_close(html);
    html_close(html);
}

// Signing out is a form with the session's token, because a link could be planted by another site.
static void add_visitor(struct page_context *page) {
    struct html *html = page->html;
    if (!page->rights) {
        html_link(html, "a", "/sign-in", "Sign in");
        return;
    }
    if (page_may(page, ACCESS_ADMIN, NULL)) {
        html_link(html, "a", "/tokens", "Tokens");
    }
    html_open(html, "form");
    html_attribute(html, "method", "post");
    html_attribute(html, "action", "/sign-out");
    page_hidden(html, "form_token", page->form_token);
    html_element(html, "span.dim", page->rights->actor);
    html_text(html, " ");
    html_element(html, "button", "Sign out");
    html_close(html);
}

static void add_header(struct page_context *page, enum page_section section) {
    struct html *html = page->html;
    html_link(html, "a.skip", "#main", "Skip to the content");
    html_open(html, "header.top");
    html_link(html, "a.brand", "/", "registryd");
    add_navigation(html, section);
    html_open(html, "form.find");
    html_attribute(html, "action", "/packages");
    html_attribute(html, "role", "search");
    html_attribute(html, "aria-label", "All packages");
    html_open(html, "input");
    html_attribute(html, "type", "search");
    html_attribute(html, "name", "q");
    html_attribute(html, "aria-label", "Search packages");
    html_attribute(html, "placeholder", "Search packages");
    html_attribute(html, "maxlength", "200");
    html_close(html);
    html_close(html);
    add_visitor(page);
    html_close(html);
}

// Leaves <html>, <body> and <main> open; page_end closes them.
void page_begin(struct page_context *page, enum page_section section, const char *title) {
    struct html *html = page->html;
    html_open(html, "html");
    html_attribute(html, "lang", "en");
    add_head(page, title);
    html_open(html, "body");
    add_header(page, section);
    html_open(html, "main");
    html_attribute(html, "id", "main");
    html_element(html, "h1", title);
}

void page_end(struct page_context *page) {
    struct html *html = page->html;
    // The footer names the state that the page was made in, which a report of an error then quotes.
    struct history_point point;
    index_point(page->api->index, &point);
    html_close(html); // main
    html_open(html, "footer");
    html_printf(html, "registryd %s · change ", REGISTRYD_VERSION);
    html_open(html, "a");
    html_attribute(html, "href", "/activity");
    html_printf(html, "%lld", (long long)point.serial);
    html_close(html);
    html_text(html, " · ");
    html_link(html, "a", "/v1", "API");
    html_close(html);
    html_close(html); // body
    html_close(html); // html
}

// ---- pieces ----

void page_open_section(struct html *html, const char *id, const char *heading) {
    html_open(html, "section");
    html_attribute(html, "id", id);
    html_element(html, "h2", heading);
}

void page_hidden(struct html *html, const char *name, const char *value) {
    html_open(html, "input");
    html_attribute(html, "type", "hidden");
    html_attribute(html, "name", name);
    html_attribute(html, "value", value);
    html_close(html);
}

// Every form that changes something carries the session's token; form_decode refuses one without it.
void page_open_form(struct page_context *page, const char *address) {
    html_open(page->html, "form.filters.changing");
    html_attribute(page->html, "method", "post");
    html_attribute(page->html, "action", address);
    page_hidden(page->html, "form_token", page->form_token);
}

// The space keeps badges apart where there is no style sheet.
void page_badge(struct html *html, const char *kind, const char *text) {
    bool is_good = kind && strcmp(kind, "good") == 0;
    bool is_warning = kind && strcmp(kind, "warn") == 0;
    bool is_bad = kind && strcmp(kind, "bad") == 0;
    const char *element = is_good      ? "span.badge.good"
                          : is_warning ? "span.badge.warn"
                                       : "span.badge";
    html_element(html, is_bad ? "span.badge.bad" : element, text);
    html_text(html, " ");
}

// Focusable, because a snippet that is wider than its box scrolls, and not every visitor has a mouse.
void page_snippet(struct html *html, const char *label, const char *text) {
    html_open(html, "div.snippet");
    html_open(html, "pre");
    html_attribute(html, "tabindex", "0");
    html_attribute(html, "role", "group");
    html_attribute(html, "aria-label", label);
    html_element(html, "code", text);
    html_close(html);
    html_close(html);
}

// "2026-05-01T12:34:56Z" is shown as "2026-05-01 12:34"; the attribute has all of it.
void page_time(struct html *html, const char *at) {
    if (!at) {
        html_text(html, "–");
        return;
    }
    size_t len = strnlen(at, DATE_LENGTH);
    char text[DATE_LENGTH + 1];
    memcpy(text, at, len);
    text[len] = '\0';
    if (len > 10) {
        text[10] = ' ';
    }
    html_open(html, "time");
    html_attribute(html, "datetime", at);
    html_text(html, text);
    html_close(html);
}

// A text that cannot be parsed is shown as it is.
void page_json(struct page_context *page, const char *label, const char *json) {
    scoped(cleanup_json) json_t *value = json_view_parse(json);
    scoped(cleanup_memory) char *text = json_view_print(value, true);
    page_snippet(page->html, label, text ? text : json);
}

// A wide table scrolls by itself, with the keyboard too (tabindex), and not the page. The caption
// is for screen readers.
void page_open_table(struct html *html, const char *caption, const char *const *columns) {
    html_open(html, "div.scroll");
    html_attribute(html, "tabindex", "0");
    html_attribute(html, "role", "region");
    html_attribute(html, "aria-label", caption);
    html_open(html, "table");
    html_element(html, "caption.hidden", caption);
    html_open(html, "thead");
    html_open(html, "tr");
    for (; *columns; columns++) {
        html_open(html, "th");
        html_attribute(html, "scope", "col");
        html_text(html, *columns);
        html_close(html);
    }
    html_close(html);
    html_close(html);
    html_open(html, "tbody");
}

void page_close_table(struct html *html) {
    html_close(html);
    html_close(html);
    html_close(html);
}

void page_cell(struct html *html, const char *text) {
    html_element(html, "td", text ? text : "–");
}

void page_nothing(struct html *html, const char *text) {
    html_element(html, "p.dim", text);
}

void page_next(struct html *html, const char *address) {
    if (address) {
        html_open(html, "p.more");
        html_link(html, "a.button", address, "Next page");
        html_close(html);
    }
}

static const char *open_field(struct html *html, const struct page_field *field) {
    html_open(html, "label.field");
    html_element(html, "span", field->label);
    return field->name;
}

void page_field(struct html *html, const struct page_field *field) {
    const char *name = open_field(html, field);
    html_open(html, "input");
    html_attribute(html, "type", field->type ? field->type : "text");
    html_attribute(html, "name", name);
    html_attribute(html, "value", field->value);
    html_attribute(html, "placeholder", field->placeholder);
    html_close(html);
    html_close(html);
}

// The first option has no value, and drop_blanks removes what it sends.
void page_choice(struct html *html, const struct page_field *field, const char *const *options) {
    const char *name = open_field(html, field);
    html_open(html, "select");
    html_attribute(html, "name", name);
    html_open(html, "option");
    html_attribute(html, "value", "");
    html_text(html, field->none ? field->none : "any");
    html_close(html);
    for (; *options; options++) {
        bool is_chosen = field->value && strcmp(field->value, *options) == 0;
        html_open(html, "option");
        html_attribute(html, "selected", is_chosen ? "" : NULL);
        html_text(html, *options);
        html_close(html);
    }
    html_close(html);
    html_close(html);
}
