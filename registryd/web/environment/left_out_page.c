// SPDX-License-Identifier: MIT
// Everything that an environment leaves out, by reason and package, a hundred ranges of releases at a time. A link of the
// environment's page leads to the page on which a reason begins.
#include "registryd/web/environment/environment_pages.h"

#include "registryd/api/environments/environments.h"
#include "registryd/request/query.h"
#include "registryd/web/environment/outcome.h"
#include "registryd/web/frame/page_answer.h"
#include "schema/base/list.h"

static const struct query_range page_range = {
    .name = "page", .min = 1, .max = 100000, .fallback = 1};

static void add_reason(struct page_context *page, const struct left_out *one) {
    struct html *html = page->html;
    page_open_section(html, one->code, outcome_words(one->code));
    html_open(html, "p.dim");
    html_printf(html, "%zu release%s of %zu package%s ", one->releases,
                one->releases == 1 ? "" : "s", one->packages, one->packages == 1 ? "" : "s");
    page_badge(html, NULL, one->code);
    html_close(html);
    outcome_add_ranges(page, one);
    html_close(html);
}

static void add_next(struct page_context *page, const char *path, size_t total, int64_t number) {
    if ((size_t)number * RANGES_ON_A_PAGE < total) {
        page_next(page->html, arena_printf(page->arena, "%s/left-out?page=%lld", path ? path : "",
                                           (long long)number + 1));
    }
}

static void write_page(struct page_context *page, const char *name,
                       const struct rules_outcome *outcome, int64_t number) {
    const char *path = address_make(page->arena, "/environments", name);
    page_begin(page, PAGE_ENVIRONMENTS, arena_printf(page->arena, "Left out of %s", name));
    html_open(page->html, "p");
    html_link(page->html, "a", path, arena_printf(page->arena, "Back to %s", name));
    html_close(page->html);
    for (size_t i = 0; i < outcome->left_out_count; i++) {
        if (outcome->left_out[i].count) {
            add_reason(page, &outcome->left_out[i]);
        }
    }
    if (!outcome->left_out_count) {
        page_nothing(page->html, "No releases are left out.");
    }
    add_next(page, path, outcome->ranges, number);
    page_end(page);
}

static enum status make_left_out(struct page_context *page, struct error *err) {
    static const struct query_rule rules[] = {{.name = "page"}};
    const char *name = NULL;
    struct rules_outcome outcome;
    int64_t number = 1;
    enum status status = query_begin(page->api, page->request, rules, COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    status = query_integer(page->request, &page_range, &number, err);
    if (status) {
        return status;
    }
    status = environments_path(page->request, STATUS_NOT_FOUND, &name, err);
    if (status) {
        return status;
    }
    status = outcome_load_ranges(page, name, (number - 1) * RANGES_ON_A_PAGE, &outcome, err);
    if (status) {
        return status;
    }
    write_page(page, name, &outcome, number);
    return STATUS_OK;
}

enum status page_environment_left_out(struct api *api, const struct request *request,
                                      struct reply *reply, struct findings *findings,
                                      struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_left_out, err);
}
