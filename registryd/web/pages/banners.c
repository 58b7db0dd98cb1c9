// SPDX-License-Identifier: MIT
// Banners come from the store, not from a resolution: a quarantined package is in no resolution, and a hold shows in
// one only after the next release. A quarantine withholds plugins in the directories of hosts; a hold keeps back new
// releases in the answers of the registry alone.
#include "registryd/web/pages/banners.h"

#include "registryd/candidates/contracts.h"

enum status holds_load(struct page_context *page, struct hold_rows *ret_rows, struct error *err) {
    return store_holds_load(page->api->reading, page->arena, ret_rows, err);
}

const struct hold *holds_find(const struct hold_rows *rows, bool is_group, const char *name) {
    const struct contracts contracts = {.holds = *rows};
    return contracts_find_hold(&contracts, is_group, name);
}

static bool is_status(const struct package_row *row, const char *status) {
    return strcmp(row->status, status) == 0;
}

// The reason of a state is the publisher's text, so it is written in between, as text.
static void open_banner(struct html *html, const char *element, const char *text) {
    html_open(html, element);
    html_open(html, "p");
    html_text(html, text);
}

static void close_banner(struct html *html, const char *reason) {
    html_text(html, reason ? " " : NULL);
    html_text(html, reason);
    html_close(html);
    html_close(html);
}

// A quarantine is a decision: hosts obey it for what they find in their own directories, too.
void banner_add_package(struct page_context *page, const struct package_row *row) {
    struct html *html = page->html;
    if (is_status(row, "active")) {
        return;
    }
    bool is_bad = is_status(row, "quarantined");
    open_banner(html, is_bad ? "div.banner.bad" : "div.banner.warn", "This package is ");
    html_element(html, "strong", row->status);
    html_text(html, is_bad ? ". registryd does not serve it, and hosts withhold it." : ".");
    if (row->replaced_by) {
        html_text(html, " Use ");
        html_link(html, "a", address_make(page->arena, "/packages", row->replaced_by),
                  row->replaced_by);
        html_text(html, " instead.");
    }
    close_banner(html, row->status_reason);
}

// A release can be both; then both are said.
// A yanked release is still served to who pins it; a quarantined one is not served at all.
void banner_add_release(struct html *html, const struct release_row *row) {
    if (row->yanked) {
        open_banner(html, "div.banner.bad", "Release ");
        html_printf(html, "%s is yanked: only environments that pin it still get it.",
                    row->version);
        close_banner(html, row->yanked_reason);
    }
    if (strcmp(row->state, "live") != 0) {
        open_banner(html, "div.banner.bad", "Release ");
        html_printf(html, "%s is quarantined: registryd does not serve it, and hosts withhold it.",
                    row->version);
        close_banner(html, row->state_reason);
    }
}

static void add_held(struct page_context *page, const struct hold *hold, bool is_own) {
    struct html *html = page->html;
    if (!hold->is_group) {
        html_text(html, "New releases of this package are ");
    } else if (is_own) {
        html_text(html, "New releases of all packages in this group are ");
    } else {
        html_text(html, "New releases of all packages in the group ");
        html_link(html, "a", address_make(page->arena, "/groups", hold->name), hold->name);
        html_text(html, " are ");
    }
    html_element(html, "strong", "held");
}

void banner_add_hold(struct page_context *page, const struct hold *hold, bool is_own) {
    struct html *html = page->html;
    if (!hold) {
        return;
    }
    html_open(html, "div.banner.warn");
    html_open(html, "p");
    add_held(page, hold, is_own);
    html_printf(html, ": %s", hold->reason);
    html_close(html);
    html_open(html, "p");
    html_printf(html, "Held by %s since ", hold->held_by);
    page_moment(html, hold->held_at);
    html_text(html, ". Releases from before the hold are still served. Hosts do not withhold "
                    "held releases that are in their own directories.");
    html_close(html);
    html_close(html);
}

void banner_add_group(struct page_context *page, const struct group_contract *contract) {
    struct html *html = page->html;
    if (!contract || !contract->deprecated) {
        return;
    }
    open_banner(html, "div.banner.warn", "This group is ");
    html_element(html, "strong", "deprecated");
    html_text(html, ".");
    if (contract->successor) {
        html_text(html, " Use ");
        html_link(html, "a", address_make(page->arena, "/groups", contract->successor),
                  contract->successor);
        html_text(html, " instead.");
    }
    close_banner(html, contract->deprecated);
}
