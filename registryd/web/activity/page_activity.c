// SPDX-License-Identifier: MIT
// All changes, the newest first, narrowed by package, group, environment, actor and kind. The address holds the filter,
// so a view can be shared, and the same parameters make the feed.
#include "registryd/api/activity/activity_filter.h"
#include "registryd/request/query.h"
#include "registryd/web/activity/activity_pages.h"
#include "registryd/web/activity/change_list.h"
#include "registryd/web/frame/page_answer.h"
#include "schema/base/list.h"

static void add_filters(struct page_context *page, const struct changes_filter *filter) {
    struct html *html = page->html;
    const struct page_field fields[] = {
        {.label = "Package", .name = "package", .value = filter->package},
        {.label = "Group", .name = "group", .value = filter->group},
        {.label = "Environment", .name = "environment", .value = filter->environment},
        {.label = "Who", .name = "actor", .value = filter->actor, .placeholder = "team/token"},
    };
    html_open(html, "form.filters");
    html_attribute(html, "action", "/activity");
    html_attribute(html, "role", "search");
    html_attribute(html, "aria-label", "Filter the changes");
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        page_field(html, &fields[i]);
    }
    page_choice(html, &(struct page_field){.label = "Kind", .name = "kind", .value = filter->kind},
                activity_kinds());
    html_open(html, "button");
    html_attribute(html, "type", "submit");
    html_text(html, "Filter");
    html_close(html);
    html_close(html);
}

// A filter that matches nothing is no empty registry: the way out is to take it back.
static void add_nothing(struct page_context *page, const struct changes_filter *filter) {
    if (changes_filter_is_empty(filter)) {
        page_empty(page->html, "Nothing has changed yet.",
                   "Publish the first release:", "registryctl publish DIR");
        return;
    }
    html_open(page->html, "p.dim");
    html_text(page->html, "No changes match. ");
    html_link(page->html, "a", "/activity", "Show all changes");
    html_close(page->html);
}

static void add_changes(struct page_context *page, const struct activity_query *query,
                        const struct changes *changes) {
    add_filters(page, &query->filter);
    html_open(page->html, "p.dim");
    html_link(page->html, "a", page->feed, "Follow these changes in a feed reader (Atom)");
    html_close(page->html);
    if (!changes->count) {
        add_nothing(page, &query->filter);
    }
    change_list_add(page, changes);
    if (changes->count == CHANGES_ON_A_PAGE) {
        int64_t last = changes->items[changes->count - 1].serial;
        page_next(page->html, change_list_address(page->arena, "/activity", &query->filter, last));
    }
}

// "before" is exclusive, so that the next page begins with the change before the oldest one shown.
static enum status make_activity(struct page_context *page, struct error *err) {
    static const struct query_rule rules[] = {{.name = "before"}, {.name = "package"},
                                              {.name = "group"},  {.name = "environment"},
                                              {.name = "actor"},  {.name = "kind"}};
    static const struct query_range range = {
        .name = "before", .min = 1, .max = INT64_MAX, .fallback = INT64_MAX};
    struct activity_query query = {.limit = CHANGES_ON_A_PAGE};
    struct changes changes;
    enum status status = query_begin(page->api, page->request, rules, COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    status = query_integer(page->request, &range, &query.place, err);
    if (status) {
        return status;
    }
    status = activity_filter_decode(page->request, &query.filter, err);
    if (status) {
        return status;
    }
    status = store_changes_before(page->api->reading, page->arena, &query, &changes, err);
    if (status) {
        return status;
    }
    page->feed = change_list_address(page->arena, "/activity.atom", &query.filter, 0);
    page_begin(page, PAGE_ACTIVITY, "Activity");
    add_changes(page, &query, &changes);
    page_end(page);
    return STATUS_OK;
}

enum status page_activity(struct api *api, const struct request *request, struct reply *reply,
                          struct findings *findings, struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_activity, err);
}
