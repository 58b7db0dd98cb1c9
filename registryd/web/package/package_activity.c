// SPDX-License-Identifier: MIT
// What happened to a package: the newest page of its changes. The page of all activity, narrowed to the package, has
// the older ones.
#include "registryd/web/package/package_parts.h"

#include "registryd/web/activity/change_list.h"

enum status package_add_activity(struct page_context *page, const struct package_view *view,
                                 struct error *err) {
    struct activity_query query = {.filter.package = view->detail->package.name,
                                   .place = INT64_MAX,
                                   .limit = CHANGES_ON_A_PAGE};
    struct changes changes;
    enum status status =
        store_changes_before(page->api->reading, page->arena, &query, &changes, err);
    if (status) {
        return status;
    }
    html_element(page->html, "h2.hidden", "Activity");
    change_list_add(page, &changes);
    html_open(page->html, "p");
    html_link(page->html, "a", change_list_address(page->arena, "/activity", &query.filter, 0),
              "All changes of the package");
    html_text(page->html, " · ");
    html_link(page->html, "a", page->feed, "Follow them in a feed reader (Atom)");
    html_close(page->html);
    return STATUS_OK;
}
