// SPDX-License-Identifier: MIT
// All environments as cards, each with what it is and when it was changed last. Archived ones are left out unless they
// are asked for, as their hosts get nothing.
#include "registryd/web/environment/environment_pages.h"

#include "registryd/request/cursor.h"
#include "registryd/request/query.h"
#include "registryd/web/environment/environment_parts.h"
#include "registryd/web/frame/page_answer.h"
#include "schema/base/list.h"

static void add_environment(struct page_context *page, const struct environment_row *row) {
    struct html *html = page->html;
    html_open(html, "li");
    html_open(html, "h2");
    html_link(html, "a", address_make(page->arena, "/environments", row->name), row->name);
    html_text(html, " ");
    environment_state_badges(html, row);
    html_close(html);
    html_element(html, "p", row->description);
    html_open(html, "p.dim");
    html_printf(html, "revision %lld · %lld %s configured · ", (long long)row->revision,
                (long long)row->plugin_count, row->plugin_count == 1 ? "package" : "packages");
    page_time(html, row->changed_at);
    html_close(html);
    html_close(html);
}

static enum status make_environments(struct page_context *page, struct error *err) {
    static const struct query_rule rules[] = {
        {.name = "limit"}, {.name = "cursor"}, {.name = "archived"}};
    struct environments_query wanted = {0};
    struct environment_rows rows;
    enum status status = query_begin(page->api, page->request, rules, COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    status = cursor_decode(page->request, &wanted.page, err);
    if (status) {
        return status;
    }
    status = query_flag(page->request, "archived", &wanted.with_archived, err);
    if (status) {
        return status;
    }
    status = store_environments_load(page->api->reading, page->arena, &wanted, &rows, err);
    if (status) {
        return status;
    }
    page_begin(page, PAGE_ENVIRONMENTS, "Environments");
    html_open(page->html, "ul.cards");
    for (size_t i = 0; i < rows.count; i++) {
        add_environment(page, &rows.items[i]);
    }
    html_close(page->html);
    if (rows.more) {
        struct address address;
        address_begin(&address, page->arena, "/environments");
        address_add_query(&address, "cursor",
                          cursor_encode(page->arena, rows.items[rows.count - 1].name));
        address_add_query(&address, "archived", wanted.with_archived ? "1" : NULL);
        page_next(page->html, address_end(&address));
    }
    html_open(page->html, "p");
    html_link(page->html, "a", wanted.with_archived ? "/environments" : "/environments?archived=1",
              wanted.with_archived ? "Hide archived environments" : "Show archived environments");
    html_close(page->html);
    page_end(page);
    return STATUS_OK;
}

enum status page_environments(struct api *api, const struct request *request, struct reply *reply,
                              struct findings *findings, struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_environments, err);
}
