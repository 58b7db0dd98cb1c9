// SPDX-License-Identifier: MIT
// What happened to a package: the newest page of its changes. The page of all activity, narrowed to the package, has
// the older ones.
#include "registryd/web/package/package_parts.h"

#include "registryd/web/pages/page_changes.h"

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
    page_changes_add(page, &changes);
    return STATUS_OK;
}
