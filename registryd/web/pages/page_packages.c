// SPDX-License-Identifier: MIT
// The home page and the search. The filter form and GET /v1/packages have the same parameters and the same
// decoder (packages_query_decode), so an address can be copied from one to the other. The groups offered in the
// form are suggestions only: a <datalist>, which takes any text and needs no script.
#include "registryd/request/cursor.h"
#include "registryd/api/packages/packages_query.h"
#include "registryd/store/store_environments.h"
#include "registryd/web/activity/change_list.h"
#include "registryd/web/entries/entries.h"
#include "registryd/web/frame/page_answer.h"
#include "registryd/web/pages/banners.h"
#include "registryd/web/pages/pages.h"
#include "schema/base/list.h"

enum { GROUPS_OFFERED = 300, ENVIRONMENTS_OFFERED = 100, CHANGES_AT_HOME = 8, GROUPS_AT_HOME = 12 };

static const char *const statuses[] = {"active", "deprecated", "archived", "quarantined", NULL};

static void add_words(struct html *html, const char *words) {
    html_open(html, "label.field.wide");
    html_element(html, "span", "Search");
    html_open(html, "input");
    html_attribute(html, "type", "search");
    html_attribute(html, "name", "q");
    html_attribute(html, "value", words);
    html_attribute(html, "maxlength", "200");
    html_attribute(html, "placeholder", "name, keyword, entry point");
    html_close(html);
    html_close(html);
}

static void add_groups(struct html *html, const char *chosen, const char *const *groups,
                       size_t count) {
    html_open(html, "label.field");
    html_element(html, "span", "Group");
    html_open(html, "input");
    html_attribute(html, "name", "group");
    html_attribute(html, "list", "groups-known");
    html_attribute(html, "value", chosen);
    html_attribute(html, "placeholder", "any");
    html_close(html);
    html_close(html);
    html_open(html, "datalist");
    html_attribute(html, "id", "groups-known");
    for (size_t i = 0; i < count && i < GROUPS_OFFERED; i++) {
        html_open(html, "option");
        html_attribute(html, "value", groups[i]);
        html_close(html);
    }
    html_close(html);
}

// A choice and not free text: an unknown environment would be an error page.
static void add_environments(struct html *html, const char *chosen,
                             const struct environment_rows *rows) {
    html_open(html, "label.field");
    html_element(html, "span", "Fits environment");
    html_open(html, "select");
    html_attribute(html, "name", "environment");
    html_open(html, "option");
    html_attribute(html, "value", "");
    html_text(html, "any");
    html_close(html);
    for (size_t i = 0; i < rows->count; i++) {
        html_open(html, "option");
        html_attribute(html, "selected",
                       chosen && strcmp(chosen, rows->items[i].name) == 0 ? "" : NULL);
        html_text(html, rows->items[i].name);
        html_close(html);
    }
    html_close(html);
    html_close(html);
}

static enum status add_filters(struct page_context *page, struct error *err) {
    // What facets and orders chose stays when other words are searched for.
    static const char *const hidden[] = {"license", "python", "owner", "order"};
    struct html *html = page->html;
    const struct request *request = page->request;
    const char *const *groups = NULL;
    size_t count = 0;
    const struct environments_query first = {.page.limit = ENVIRONMENTS_OFFERED};
    struct environment_rows environments;
    enum status status =
        store_group_names_load(page->api->reading, page->arena, &groups, &count, err);
    if (status) {
        return status;
    }
    status = store_environments_load(page->api->reading, page->arena, &first, &environments, err);
    if (status) {
        return status;
    }
    html_open(html, "form.filters");
    html_attribute(html, "action", "/packages");
    html_attribute(html, "role", "search");
    html_attribute(html, "aria-label", "Find packages");
    add_words(html, request_query(request, "q"));
    add_groups(html, request_query(request, "group"), groups, count);
    page_field(html, &(struct page_field){.label = "Classifier",
                                          .name = "classifier",
                                          .value = request_query(request, "classifier"),
                                          .placeholder = "any"});
    page_choice(html,
                &(struct page_field){
                    .label = "Status", .name = "status", .value = request_query(request, "status")},
                statuses);
    add_environments(html, request_query(request, "environment"), &environments);
    for (size_t i = 0; i < COUNT_OF(hidden); i++) {
        const char *value = request_query(request, hidden[i]);
        if (value) {
            page_hidden(html, hidden[i], value);
        }
    }
    html_element(html, "button.main", "Search");
    html_close(html);
    return STATUS_OK;
}

// Most packages are active; a badge on each would hide those that are not.
static void add_status_badge(struct html *html, const char *status) {
    bool is_plain = strcmp(status, "active") == 0;
    bool is_bad = strcmp(status, "quarantined") == 0;
    if (!is_plain) {
        page_badge(html, is_bad ? "bad" : "warn", status);
    }
}

static void add_result(struct page_context *page, const struct package_row *row, bool is_held) {
    struct html *html = page->html;
    html_open(html, "li");
    html_open(html, "h2");
    html_link(html, "a", address_make(page->arena, "/packages", row->name), row->display_name);
    html_close(html);
    html_text(html, " ");
    page_badge(html, NULL, row->latest_version);
    add_status_badge(html, row->status);
    if (is_held) {
        page_badge(html, "warn", "held");
    }
    html_element(html, "p", row->summary);
    html_open(html, "p.dim");
    html_printf(html, "%lld %s · changed ", (long long)row->release_count,
                row->release_count == 1 ? "release" : "releases");
    page_time(html, row->updated_at);
    html_close(html);
    html_close(html);
}

// ---- facets and orders: links to this list with one parameter changed ----

static bool is_given(const struct request *request, const char *name, const char *value) {
    bool is_found = false;
    for (size_t i = 0; i < request->query_count && !is_found; i++) {
        is_found = strcmp(request->query[i].name, name) == 0 &&
                   strcmp(request->query[i].value, value) == 0;
    }
    return is_found;
}

// Of groups and classifiers there may be several; of the others a new choice takes the place of the old one.
static bool is_kept(const struct parameter *one, const struct facet_kind *kind, const char *value) {
    bool repeats = kind->letter == 'g' || kind->letter == 'c';
    bool is_other = strcmp(one->name, kind->parameter) != 0;
    return strcmp(one->name, "cursor") != 0 &&
           (is_other || (repeats && strcmp(one->value, value) != 0));
}

// The list with the choice, or without it when it is made already.
static const char *choice_address(const struct page_context *page, const struct facet_kind *kind,
                                  const char *value) {
    struct address address;
    address_begin(&address, page->arena, "/packages");
    for (size_t i = 0; i < page->request->query_count; i++) {
        const struct parameter *one = &page->request->query[i];
        if (is_kept(one, kind, value)) {
            address_add_query(&address, one->name, one->value);
        }
    }
    if (!is_given(page->request, kind->parameter, value)) {
        address_add_query(&address, kind->parameter, value);
    }
    return address_end(&address);
}

// A number that was counted in a part of the list is a lower bound: "12+".
static const char *facet_label(const struct page_context *page, const struct facet_row *row) {
    return row->is_part
               ? arena_printf(page->arena, "%s (%lld+)", row->facet + 2, (long long)row->packages)
               : row->facet + 2;
}

static void add_facet(struct page_context *page, const struct facet_rows *rows,
                      const struct facet_kind *kind) {
    size_t count = 0;
    for (size_t i = 0; i < rows->count; i++) {
        const struct facet_row *row = &rows->items[i];
        if (row->facet[0] != kind->letter) {
            continue;
        }
        if (!count++) {
            page_open_facet(page->html, kind->title);
        }
        const char *value = row->facet + 2;
        page_facet(page->html, &(struct page_facet){
                                   .label = facet_label(page, row),
                                   .address = choice_address(page, kind, value),
                                   .count = row->is_part ? -1 : row->packages,
                                   .is_chosen = is_given(page->request, kind->parameter, value)});
    }
    if (count) {
        page_close_facet(page->html);
    }
}

static void add_facets(struct page_context *page, const struct facet_rows *rows) {
    if (!rows->count) {
        return;
    }
    page_open_facets(page->html, "Narrow the list");
    for (size_t i = 0; i < FACET_KINDS; i++) {
        add_facet(page, rows, &facet_kinds[i]);
    }
    html_close(page->html);
}

static void add_orders(struct page_context *page) {
    static const struct facet_kind kind = {'-', "order", "Order"};
    static const char *const orders[][2] = {
        {"relevance", "Best match"}, {"newest", "Newest release"}, {"name", "Name"}};
    const char *words = request_query(page->request, "q");
    const char *order = request_query(page->request, "order");
    const char *fallback = words ? "relevance" : "name";
    page_open_choices(page->html, "Order");
    for (size_t i = words ? 0 : 1; i < COUNT_OF(orders); i++) {
        bool is_chosen = strcmp(order ? order : fallback, orders[i][0]) == 0;
        page_facet(page->html,
                   &(struct page_facet){.label = orders[i][1],
                                        .address = choice_address(page, &kind, orders[i][0]),
                                        .count = -1,
                                        .is_chosen = is_chosen});
    }
    page_close_facet(page->html);
}

// The address of this list from its next page on.
// All parameters stay, so that the next page has the same filters.
static const char *next_address(const struct page_context *page, const struct package_rows *rows) {
    if (!rows->more) {
        return NULL;
    }
    struct address address;
    address_begin(&address, page->arena, "/packages");
    for (size_t i = 0; i < page->request->query_count; i++) {
        const struct parameter *one = &page->request->query[i];
        if (strcmp(one->name, "cursor") != 0) {
            address_add_query(&address, one->name, one->value);
        }
    }
    address_add_query(&address, "cursor", cursor_encode(page->arena, rows->place));
    return address_end(&address);
}

// The number is announced by screen readers when the list changes (role="status").
static void add_results(struct page_context *page, const struct package_rows *rows,
                        const struct hold_rows *holds) {
    struct html *html = page->html;
    html_open(html, "p");
    html_attribute(html, "role", "status");
    // With several filters the number stops there; with one it is known.
    html_printf(html, "%lld%s %s", (long long)rows->total,
                rows->total == PACKAGES_COUNTED ? "+" : "",
                rows->total == 1 ? "package" : "packages");
    html_close(html);
    // Nothing had these words; the rows are those of the words spelled otherwise.
    if (rows->corrected) {
        html_open(html, "p");
        html_text(html, "No packages match. Similar packages: ");
        html_element(html, "strong", rows->corrected);
        html_close(html);
    }
    if (!rows->count) {
        page_nothing(html, "No packages match. Try fewer words or clear a filter.");
        return;
    }
    html_open(html, "ul.results");
    for (size_t i = 0; i < rows->count; i++) {
        const struct package_row *row = &rows->items[i];
        add_result(page, row, holds_find(holds, false, row->name));
    }
    html_close(html);
    page_next(html, next_address(page, rows));
}

static enum status load(struct page_context *page, struct package_rows *ret_rows,
                        struct facet_rows *ret_facets, struct error *err) {
    struct package_query query;
    enum status status =
        query_begin(page->api, page->request, packages_query_rules, PACKAGES_QUERY_RULES, err);
    if (status) {
        return status;
    }
    status = packages_query_decode(page->api, page->request, &query, err);
    if (status) {
        return status;
    }
    if (!request_query(page->request, "limit")) {
        query.page.limit = 50; // the JSON route's default is more than a page shows well
    }
    status = store_packages_load(page->api->reading, page->arena, &query, ret_rows, err);
    return status ? status
                  : store_facets_load(page->api->reading, page->arena, &query, ret_facets, err);
}

static enum status make_packages(struct page_context *page, struct error *err) {
    struct package_rows rows;
    struct facet_rows facets;
    struct hold_rows holds;
    enum status status = load(page, &rows, &facets, err);
    if (status) {
        return status;
    }
    status = holds_load(page, &holds, err);
    if (status) {
        return status;
    }
    page_begin(page, PAGE_PACKAGES, "Packages");
    status = add_filters(page, err);
    entries_link_add(page, request_query(page->request, "q"), !rows.count || rows.corrected);
    html_open(page->html, "div.with-facets");
    html_open(page->html, "div");
    if (rows.count) {
        add_orders(page);
    }
    add_results(page, &rows, &holds);
    html_close(page->html);
    add_facets(page, &facets);
    html_close(page->html);
    page_end(page);
    return status;
}

enum status page_packages(struct api *api, const struct request *request, struct reply *reply,
                          struct findings *findings, struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_packages, err);
}

// ---- the first page ----

static void add_group_cards(struct page_context *page, const struct group_rows *groups) {
    struct html *html = page->html;
    page_open_section(html, NULL, "Groups");
    if (!groups->count) {
        page_empty(html, "No packages yet.",
                   "Publish the first one in a terminal:", "registryctl publish PATH");
    }
    html_open(html, "ul.cards");
    for (size_t i = 0; i < groups->count; i++) {
        const struct group_row *row = &groups->items[i];
        html_open(html, "li");
        html_open(html, "h3");
        html_link(html, "a", address_make(page->arena, "/groups", row->name), row->name);
        html_close(html);
        html_open(html, "p.dim");
        html_printf(html, "%lld %s of %lld %s", (long long)row->entry_point_count,
                    row->entry_point_count == 1 ? "entry point" : "entry points",
                    (long long)row->package_count,
                    row->package_count == 1 ? "package" : "packages");
        html_close(html);
        html_close(html);
    }
    html_close(html);
    if (groups->more) {
        html_link(html, "a", "/groups", "All groups");
    }
    html_close(html);
}

// One page for people who know what they look for, and for those who do not: the search, groups to
// look into, and what has changed lately.
static enum status make_home(struct page_context *page, struct error *err) {
    struct page first = {.limit = GROUPS_AT_HOME};
    struct activity_query latest = {.place = INT64_MAX, .limit = CHANGES_AT_HOME};
    struct group_rows groups;
    struct changes changes;
    enum status status = query_begin(page->api, page->request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = store_groups_load(page->api->reading, page->arena, &first, &groups, err);
    if (status) {
        return status;
    }
    status = store_changes_before(page->api->reading, page->arena, &latest, &changes, err);
    if (status) {
        return status;
    }
    page_begin(page, PAGE_NOWHERE, "Plugins");
    status = add_filters(page, err);
    add_group_cards(page, &groups);
    page_open_section(page->html, NULL, "Latest changes");
    change_list_add(page, &changes);
    html_close(page->html);
    page_end(page);
    return status;
}

enum status page_home(struct api *api, const struct request *request, struct reply *reply,
                      struct findings *findings, struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_home, err);
}
