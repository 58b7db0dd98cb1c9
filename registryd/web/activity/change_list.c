// SPDX-License-Identifier: MIT
// One line a change: when, who did what to what, and the reason that was given.
#include "registryd/web/activity/change_list.h"

#include "registryd/web/activity/change_words.h"
#include "schema/base/list.h"

static void add_change(struct page_context *page, const struct change *change) {
    struct html *html = page->html;
    html_open(html, "li");
    html_attribute(html, "id", arena_printf(page->arena, "change-%lld", (long long)change->serial));
    page_time(html, change->at);
    html_open(html, "div");
    html_open(html, "p");
    change_add_badge(html, change);
    change_add_sentence(page, change);
    html_close(html);
    if (change->reason) {
        html_element(html, "p.dim", change->reason);
    }
    html_close(html);
    html_close(html);
}

void change_list_add(struct page_context *page, const struct changes *changes) {
    if (!changes->count) {
        return;
    }
    html_open(page->html, "ul.history");
    for (size_t i = 0; i < changes->count; i++) {
        add_change(page, &changes->items[i]);
    }
    html_close(page->html);
}

const char *change_list_address(struct arena *arena, const char *path,
                                const struct changes_filter *filter, int64_t before) {
    struct address address;
    address_begin(&address, arena, path);
    address_add_query(&address, "package", filter->package);
    address_add_query(&address, "group", filter->group);
    address_add_query(&address, "environment", filter->environment);
    address_add_query(&address, "actor", filter->actor);
    address_add_query(&address, "kind", filter->kind);
    address_add_query(&address, "before",
                      before ? arena_printf(arena, "%lld", (long long)before) : NULL);
    return address_end(&address);
}
