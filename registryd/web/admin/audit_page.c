// SPDX-License-Identifier: MIT
// Who changed what. A page looks at a stretch of the log, so a rare word costs no more than a frequent one; the link
// to older events goes on where the stretch ended. Verifying reads the whole log and is a page that a person opens.
#include "registryd/request/query.h"
#include "registryd/store/store_audit.h"
#include "registryd/web/admin/admin.h"
#include "registryd/web/admin/admin_parts.h"
#include "schema/base/list.h"

enum { EVENTS_ON_A_PAGE = 50, DETAIL_BYTES = 400 };

static const char list_address[] = "/admin/audit";

static void add_detail(struct page_context *page, const char *detail) {
    struct text text = text_from(detail);
    bool is_cut = text.len > DETAIL_BYTES;
    size_t len = is_cut ? DETAIL_BYTES : text.len;
    while (is_cut && len && ((unsigned char)detail[len] & 0xc0) == 0x80) {
        len--; // not within a character
    }
    const char *shown = arena_copy(page->arena, detail, len);
    html_open(page->html, "td");
    page_code(page->html, shown);
    html_text(page->html, is_cut ? " …" : NULL);
    html_close(page->html);
}

static void add_events(struct page_context *page, const struct audit_found *found) {
    static const char *const columns[] = {"Event",  "When",    "Who", "Action",
                                          "Object", "Details", NULL};
    struct html *html = page->html;
    if (!found->count) {
        page_nothing(html, found->next ? "No event in this part of the log matches."
                                       : "No event matches.");
        return;
    }
    page_open_table(html, "Events", columns);
    for (size_t i = 0; i < found->count; i++) {
        const struct audit_event *event = &found->items[i];
        html_open(html, "tr");
        html_open(html, "td.number");
        html_printf(html, "%lld", (long long)event->id);
        html_close(html);
        html_open(html, "td");
        page_time(html, event->at);
        html_close(html);
        admin_code_cell(html, event->actor);
        page_cell(html, event->action);
        admin_code_cell(html, event->subject);
        add_detail(page, event->detail);
        html_close(html);
    }
    page_close_table(html);
}

static void add_filter(struct html *html, const struct audit_filter *filter) {
    html_open(html, "form.filters");
    html_attribute(html, "action", list_address);
    html_attribute(html, "aria-label", "Filter events");
    page_field(html, &(struct page_field){.label = "Who begins with",
                                          .name = "actor",
                                          .value = filter->actor,
                                          .placeholder = "crm/"});
    page_field(html, &(struct page_field){.label = "Action begins with",
                                          .name = "action",
                                          .value = filter->action,
                                          .placeholder = "publish"});
    page_field(html, &(struct page_field){.label = "Object begins with",
                                          .name = "subject",
                                          .value = filter->subject,
                                          .placeholder = "package, team or group"});
    html_element(html, "button", "Filter");
    html_close(html);
}

static void add_older(struct page_context *page, const struct audit_filter *filter, int64_t next) {
    struct address address;
    if (!next) {
        return;
    }
    address_begin(&address, page->arena, list_address);
    address_add_query(&address, "actor", filter->actor);
    address_add_query(&address, "action", filter->action);
    address_add_query(&address, "subject", filter->subject);
    address_add_query(&address, "before", arena_printf(page->arena, "%lld", (long long)next));
    html_open(page->html, "p.more");
    html_link(page->html, "a.button", address_end(&address), "Older events");
    html_close(page->html);
}

static enum status make_audit(struct page_context *page, struct error *err) {
    static const struct query_rule rules[] = {
        {.name = "actor"}, {.name = "action"}, {.name = "subject"}, {.name = "before"}};
    static const struct query_range range = {.name = "before", .min = 1, .max = INT64_MAX};
    struct audit_found found;
    struct audit_filter filter = {.actor = request_query(page->request, "actor"),
                                  .action = request_query(page->request, "action"),
                                  .subject = request_query(page->request, "subject"),
                                  .limit = EVENTS_ON_A_PAGE};
    enum status status = query_begin(page->api, page->request, rules, COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    status = query_integer(page->request, &range, &filter.before, err);
    if (status) {
        return status;
    }
    status = store_audit_find(page->api->store, page->arena, &filter, &found, err);
    if (status) {
        return status;
    }
    admin_begin(page, list_address, "Audit log");
    html_open(page->html, "p");
    html_link(page->html, "a.button", "/admin/audit/verification", "Verify the log");
    html_close(page->html);
    add_filter(page->html, &filter);
    add_events(page, &found);
    add_older(page, &filter, found.next);
    page_command(page->html, "registryctl audit");
    page_end(page);
    return STATUS_OK;
}

enum status page_audit(struct api *api, const struct request *request, struct reply *reply,
                       struct findings *findings, struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_audit, err);
}

// ---- verification ----

static void add_verdict(struct page_context *page, const struct audit_verdict *verdict) {
    struct html *html = page->html;
    html_open(html, verdict->fault ? "div.banner.bad" : "div.banner");
    html_open(html, "p");
    if (verdict->fault) {
        html_printf(html, "Event %lld is missing or was altered.", (long long)verdict->fault);
    } else {
        html_printf(html, "The log is whole: no event of %lld is missing or was altered.",
                    (long long)verdict->checked);
    }
    html_close(html);
    html_close(html);
    html_open(html, "dl");
    html_element(html, "dt", "Hash of the last event");
    html_open(html, "dd");
    page_code(html, verdict->head);
    html_close(html);
    html_close(html);
    html_element(html, "p",
                 "Keep the hash on another machine. A log that still contains it has lost no event "
                 "before it.");
    page_command(html, "registryctl audit --verify --head FILE");
}

static enum status make_verification(struct page_context *page, struct error *err) {
    struct audit_verdict verdict;
    enum status status = query_begin(page->api, page->request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = store_audit_verify(page->api->store, &verdict, err);
    if (status) {
        return status;
    }
    admin_begin(page, list_address, "Verification of the audit log");
    add_verdict(page, &verdict);
    page_end(page);
    return STATUS_OK;
}

enum status page_audit_verify(struct api *api, const struct request *request, struct reply *reply,
                              struct findings *findings, struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_verification, err);
}
