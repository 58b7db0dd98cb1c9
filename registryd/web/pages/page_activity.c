// SPDX-License-Identifier: MIT
// The change feed for people, newest first. The kinds are those of GET /v1/changes; a kind that this table does not
// know yet is shown by its own name.
#include "registryd/request/query.h"
#include "registryd/web/pages/page_changes.h"
#include "registryd/web/pages/pages.h"
#include "registryd/web/frame/page_answer.h"
#include "schema/base/list.h"

// What people call it, and what kind of news it is.
static const struct {
    const char *kind;
    const char *words;
    const char *badge;
} kinds[] = {
    {"publish", "published", "good"},
    {"artifact", "file added", NULL},
    {"yank", "yanked", "bad"},
    {"unyank", "yank withdrawn", "good"},
    {"deprecate", "deprecated", "warn"},
    {"archive", "archived", "warn"},
    {"quarantine", "quarantined", "bad"},
    {"activate", "active again", "good"},
    {"hold", "held", "warn"},
    {"unhold", "hold ended", "good"},
    {"group", "group contract", NULL},
    {"environment", "environment", NULL},
    {"owner", "owner changed", NULL},
    {"reserve", "name reserved", NULL},
    {"unreserve", "name released", NULL},
    {"token-create", "token created", NULL},
    {"token-revoke", "token revoked", NULL},
    {"grant-add", "grant added", NULL},
    {"grant-remove", "grant revoked", NULL},
};

// A newer database may hold kinds that this daemon does not know: the row is shown all the same.
static void add_kind(struct html *html, const char *kind) {
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (strcmp(kinds[i].kind, kind) == 0) {
            page_badge(html, kinds[i].badge, kinds[i].words);
            return;
        }
    }
    page_badge(html, NULL, kind);
}

// A change is about an environment, a package, a release or a group; each links to its page.
static void add_subject(struct page_context *page, const struct change *change) {
    struct html *html = page->html;
    if (change->environment) {
        html_link(html, "a", address_make(page->arena, "/environments", change->environment),
                  change->environment);
        html_text(html, " ");
    }
    if (change->package) {
        html_link(html, "a", address_make(page->arena, "/packages", change->package),
                  change->package);
        html_text(html, " ");
    }
    // A change of a package names that; one of a group or a name has only groups.
    html_text(html, change->version);
    for (size_t i = 0; !change->package && i < change->groups.count; i++) {
        html_link(html, "a", address_make(page->arena, "/groups", change->groups.items[i]),
                  change->groups.items[i]);
    }
}

void page_changes_add(struct page_context *page, const struct changes *changes) {
    struct html *html = page->html;
    if (!changes->count) {
        page_nothing(html, "No changes yet.");
        return;
    }
    html_open(html, "ul.results");
    for (size_t i = 0; i < changes->count; i++) {
        const struct change *change = &changes->items[i];
        html_open(html, "li");
        add_kind(html, change->kind);
        add_subject(page, change);
        html_open(html, "p.dim");
        page_time(html, change->at);
        html_printf(html, " · change %lld", (long long)change->serial);
        html_text(html, change->reason ? " · " : NULL);
        html_text(html, change->reason);
        html_close(html);
        html_close(html);
    }
    html_close(html);
}

// "before" is exclusive, so that the next page begins with the change before the oldest one shown.
static enum status make_activity(struct page_context *page, struct error *err) {
    static const struct query_rule rules[] = {{.name = "before"}};
    static const struct query_range range = {
        .name = "before", .min = 1, .max = INT64_MAX, .fallback = INT64_MAX};
    struct activity_query query = {.limit = CHANGES_ON_A_PAGE};
    struct changes changes;
    enum status status = query_begin(page->api, page->request, rules, 1, err);
    if (status) {
        return status;
    }
    status = query_integer(page->request, &range, &query.place, err);
    if (status) {
        return status;
    }
    status = store_changes_before(page->api->reading, page->arena, &query, &changes, err);
    if (status) {
        return status;
    }
    page_begin(page, PAGE_ACTIVITY, "Activity");
    page_changes_add(page, &changes);
    if (changes.count == CHANGES_ON_A_PAGE) {
        page_next(page->html, arena_printf(page->arena, "/activity?before=%lld",
                                           (long long)changes.items[changes.count - 1].serial));
    }
    page_end(page);
    return STATUS_OK;
}

enum status page_activity(struct api *api, const struct request *request, struct reply *reply,
                          struct findings *findings, struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_activity, err);
}
