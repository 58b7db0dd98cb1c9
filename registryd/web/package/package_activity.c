// SPDX-License-Identifier: MIT
// What happened to a package, the newest first. The store gives changes upwards from a serial, because programs follow
// it that way, so a thousand are read to show the last fifty; /v1/changes?package= has all of them.
#include "registryd/web/package/package_parts.h"

#include "registryd/web/pages/page_changes.h"

enum { HISTORY_READ = 1000, HISTORY_SHOWN = 50 };

enum status package_add_activity(struct page_context *page, const struct package_view *view,
                                 struct error *err) {
    struct package_changes_query query = {view->detail->package.name, 0, HISTORY_READ};
    struct changes changes;
    enum status status =
        store_package_changes_load(page->api->reading, page->arena, &query, &changes, err);
    if (status) {
        return status;
    }
    if (changes.count > HISTORY_SHOWN) {
        changes.items += changes.count - HISTORY_SHOWN;
        changes.count = HISTORY_SHOWN;
    }
    html_element(page->html, "h2.hidden", "Activity");
    page_changes_add(page, &changes);
    return STATUS_OK;
}
