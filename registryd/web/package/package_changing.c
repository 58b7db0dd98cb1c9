// SPDX-License-Identifier: MIT
// The forms that change a package: yank a release, change the package's status, hold its new releases. They stand on a
// tab of their own, away from what everybody reads, and each says before it is sent what it does. The tab is
// offered only to visitors whose token allows the change; the routes check it again.
#include "registryd/web/package/package_parts.h"

#include "registryd/web/forms/forms.h"
#include "registryd/web/pages/banners.h"

// One address for both ways: the hidden field "back" makes it a withdrawal.
static void add_yank_form(struct page_context *page, const struct package_view *view) {
    struct html *html = page->html;
    struct address address;
    address_begin(&address, page->arena, "/packages");
    address_add_segment(&address, view->detail->package.name);
    buffer_add_string(&address.out, "/releases");
    address_add_segment(&address, view->shown->version);
    buffer_add_string(&address.out, "/yank");
    page_open_form(page, address_end(&address));
    if (view->shown->yanked) {
        page_hidden(html, "back", "1");
    } else {
        page_field(html, &(struct page_field){.label = "Reason", .name = "reason"});
    }
    html_open(html, "button");
    html_printf(html, view->shown->yanked ? "Withdraw the yank of %s" : "Yank %s",
                view->shown->version);
    html_close(html);
    html_close(html);
}

// The fields hold what is so now: changing one of them leaves the others as they are.
static void add_status_form(struct page_context *page, const struct package_row *row) {
    static const char *const statuses[] = {"active", "deprecated", "archived", "quarantined", NULL};
    struct html *html = page->html;
    const char *path = address_make(page->arena, "/packages", row->name);
    page_open_form(page, path ? arena_printf(page->arena, "%s/status", path) : NULL);
    page_choice(html,
                &(struct page_field){
                    .label = "Status", .name = "status", .value = row->status, .none = "–"},
                statuses);
    page_field(html, &(struct page_field){
                         .label = "Reason", .name = "reason", .value = row->status_reason});
    page_field(html, &(struct page_field){.label = "Use instead",
                                          .name = "replaced_by",
                                          .value = row->replaced_by,
                                          .placeholder = "package"});
    html_element(html, "button", "Change the status");
    html_close(html);
}

enum status package_add_changing(struct page_context *page, const struct package_view *view,
                                 struct error *err) {
    (void)err;
    struct html *html = page->html;
    const char *name = view->detail->package.name;
    if (!page_may(page, ACCESS_YANK, name)) {
        page_nothing(html, "Sign in with a token that may change this package.");
        return STATUS_OK;
    }
    html_open(html, "div");
    html_attribute(html, "id", "change");
    html_element(html, "h2", view->shown->yanked ? "Withdraw a yank" : "Yank this release");
    html_element(html, "p",
                 "Environments that pin a yanked release still get it. All others get the next one "
                 "that fits.");
    add_yank_form(page, view);
    html_element(html, "h2", "Change the status of the package");
    html_element(html, "p",
                 "A quarantined package is withheld from every host, also in its own directories.");
    add_status_form(page, &view->detail->package);
    html_element(html, "h2", "Hold or end a hold");
    hold_form_add(page, false, name, holds_find(&view->holds, false, name));
    html_close(html);
    return STATUS_OK;
}
