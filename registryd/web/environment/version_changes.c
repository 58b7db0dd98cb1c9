// SPDX-License-Identifier: MIT
// What would change for hosts, by package: the three kinds have a word and a colour each, and the counts stand above, as
// the table is cut.
#include "registryd/web/environment/package_versions.h"

static void add_change(struct page_context *page, const struct version_change *change) {
    struct html *html = page->html;
    const char *word = !change->before ? "added" : !change->after ? "removed" : "changed";
    html_open(html, "tr");
    html_open(html, "td");
    page_badge(html, !change->before ? "good" : !change->after ? "bad" : "warn", word);
    html_close(html);
    html_open(html, "td");
    html_link(html, "a", address_make(page->arena, "/packages", change->package), change->package);
    html_close(html);
    html_element(html, "td.removed", change->before ? change->before : "nothing");
    html_element(html, "td.added", change->after ? change->after : "nothing");
    html_close(html);
}

void version_changes_add(struct page_context *page, const struct version_changes *changes,
                         const char *nothing) {
    static const char *const columns[] = {"Change", "Package", "Now", "Then", NULL};
    struct html *html = page->html;
    size_t total = changes->added + changes->removed + changes->changed;
    if (!total) {
        page_nothing(html, nothing);
        return;
    }
    html_open(html, "p");
    html_printf(html, "%zu added, %zu removed, %zu at another version.", changes->added,
                changes->removed, changes->changed);
    html_close(html);
    page_open_table(html, "Packages that change", columns);
    for (size_t i = 0; i < changes->count; i++) {
        add_change(page, &changes->items[i]);
    }
    page_close_table(html);
    if (total > changes->count) {
        html_open(html, "p.dim");
        html_printf(html, "The first %zu of %zu are shown.", changes->count, total);
        html_close(html);
    }
}
