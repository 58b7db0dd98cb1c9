// SPDX-License-Identifier: MIT
// The way to all pages of administration. Everybody may open it: a page that a visitor may not use is listed with the
// right that is missing, so that a person knows what to ask an administrator for.
#include "registryd/request/query.h"
#include "registryd/web/admin/admin.h"
#include "registryd/web/admin/admin_parts.h"
#include "schema/base/list.h"

#include <string.h>

static const struct {
    const char *address;
    const char *label;
    const char *purpose;
    enum access_level level;
} subjects[] = {
    {"/tokens", "Tokens", "Create tokens, see their rights and last use, and revoke them.",
     ACCESS_ADMIN},
    {"/admin/grants", "Grants", "Grant rights to teams, and revoke them.", ACCESS_ADMIN},
    {"/admin/reserved-names", "Reserved names",
     "Keep names and prefixes free, or keep them for one team.", ACCESS_ADMIN},
    {"/admin/contracts", "Contracts",
     "See who owns each group, and what its contract asks of entry points.", ACCESS_READ},
    {"/admin/audit", "Audit log", "Read who changed what, and verify that no event was altered.",
     ACCESS_ADMIN},
};

static void add_links(struct html *html, const char *address) {
    page_open_choices(html, "Administration");
    page_facet(html, &(struct page_facet){.label = "Overview",
                                          .address = "/admin",
                                          .count = -1,
                                          .is_chosen = strcmp(address, "/admin") == 0});
    for (size_t i = 0; i < COUNT_OF(subjects); i++) {
        page_facet(html,
                   &(struct page_facet){.label = subjects[i].label,
                                        .address = subjects[i].address,
                                        .count = -1,
                                        .is_chosen = strcmp(address, subjects[i].address) == 0});
    }
    page_close_facet(html);
}

void admin_begin(struct page_context *page, const char *address, const char *title) {
    page_begin(page, PAGE_NOWHERE, title);
    add_links(page->html, address);
}

void admin_code_cell(struct html *html, const char *text) {
    html_open(html, "td");
    page_code(html, text);
    html_close(html);
}

static const char *missing_right(struct page_context *page, enum access_level level) {
    if (level == ACCESS_READ || page_may(page, level, NULL)) {
        return NULL;
    }
    return page->rights ? "Missing: an administrator's token. Yours is a team's."
                        : "Missing: sign in with an administrator's token.";
}

static enum status make_admin(struct page_context *page, struct error *err) {
    struct html *html = page->html;
    enum status status = query_begin(page->api, page->request, NULL, 0, err);
    if (status) {
        return status;
    }
    page_begin(page, PAGE_NOWHERE, "Administration");
    html_open(html, "ul.cards");
    for (size_t i = 0; i < COUNT_OF(subjects); i++) {
        const char *missing = missing_right(page, subjects[i].level);
        html_open(html, missing ? "li.unfit" : "li");
        html_open(html, "h2");
        html_link(html, "a", subjects[i].address, subjects[i].label);
        html_close(html);
        html_element(html, "p", subjects[i].purpose);
        if (missing) {
            html_element(html, "p", missing);
        }
        html_close(html);
    }
    html_close(html);
    page_end(page);
    return STATUS_OK;
}

enum status page_admin(struct api *api, const struct request *request, struct reply *reply,
                       struct findings *findings, struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_admin, err);
}

// The texts of the API speak of headers; a person at a browser has to sign in.
enum status page_admin_refuse(struct api *api, const struct request *request, struct reply *reply,
                              const struct error *problem, struct error *err) {
    struct error said = *problem;
    if (problem->status == STATUS_UNAUTHORIZED) {
        fail(&said, STATUS_UNAUTHORIZED, NULL,
             "This page needs the rights of an administrator. Sign in with an administrator's "
             "token.");
    } else if (problem->status == STATUS_FORBIDDEN) {
        fail(&said, STATUS_FORBIDDEN, NULL,
             "This page needs the rights of an administrator. Your token is a team's, not an "
             "administrator's.");
    }
    return page_answer_problem(api, request, reply, &said, err);
}
