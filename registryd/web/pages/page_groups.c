// SPDX-License-Identifier: MIT
// The list of groups, and one group: its contract, its entry points in one environment, and the names that several
// packages use. The list comes from the store's counts; a single group is resolved by the index as a host of
// that environment would resolve it. A group exists when it has an entry point or a contract.
#include "registryd/request/cursor.h"
#include "registryd/request/query.h"
#include "registryd/store/store_lifecycle.h"
#include "registryd/web/entries/entries.h"
#include "registryd/web/forms/forms.h"
#include "registryd/web/pages/banners.h"
#include "registryd/web/pages/contributions_part.h"
#include "registryd/web/pages/pages.h"
#include "registryd/web/pages/records_table.h"
#include "registryd/web/frame/page_answer.h"
#include "schema/base/list.h"
#include "schema/json/json.h"
#include "schema/packaging/entry_point.h"

static const struct query_range page_range = {
    .name = "page", .min = 1, .max = 100000, .fallback = 1};

static void add_group_row(struct page_context *page, const struct group_row *row, bool is_held) {
    struct html *html = page->html;
    html_open(html, "tr");
    html_open(html, "td");
    html_link(html, "a", address_make(page->arena, "/groups", row->name), row->name);
    if (is_held) {
        html_text(html, " ");
        page_badge(html, "warn", "held");
    }
    html_close(html);
    page_cell(html, arena_printf(page->arena, "%lld", (long long)row->package_count));
    page_cell(html, arena_printf(page->arena, "%lld", (long long)row->entry_point_count));
    html_close(html);
}

static void add_groups(struct page_context *page, const struct group_rows *rows,
                       const struct hold_rows *holds) {
    static const char *const columns[] = {"Group", "Packages", "Entry points", NULL};
    struct html *html = page->html;
    if (!rows->count) {
        page_empty(html, "No package has entry points yet.",
                   "A group appears with its first plugin. Publish one in a terminal:",
                   "registryctl publish PATH");
        return;
    }
    page_open_table(html, "Groups", columns);
    for (size_t i = 0; i < rows->count; i++) {
        add_group_row(page, &rows->items[i], holds_find(holds, true, rows->items[i].name));
    }
    page_close_table(html);
    if (rows->more) {
        struct address address;
        address_begin(&address, page->arena, "/groups");
        address_add_query(&address, "cursor",
                          cursor_encode(page->arena, rows->items[rows->count - 1].name));
        page_next(html, address_end(&address));
    }
}

static enum status make_groups(struct page_context *page, struct error *err) {
    static const struct query_rule rules[] = {{.name = "limit"}, {.name = "cursor"}};
    struct page wanted;
    struct group_rows rows;
    struct hold_rows holds;
    enum status status = query_begin(page->api, page->request, rules, 2, err);
    if (status) {
        return status;
    }
    status = cursor_decode(page->request, &wanted, err);
    if (status) {
        return status;
    }
    status = store_groups_load(page->api->reading, page->arena, &wanted, &rows, err);
    if (status) {
        return status;
    }
    status = holds_load(page, &holds, err);
    if (status) {
        return status;
    }
    page_begin(page, PAGE_GROUPS, "Groups");
    add_groups(page, &rows, &holds);
    page_end(page);
    return STATUS_OK;
}

enum status page_groups(struct api *api, const struct request *request, struct reply *reply,
                        struct findings *findings, struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_groups, err);
}

// ---- one group ----

static void add_term(struct html *html, const char *name, const char *text) {
    if (text) {
        html_element(html, "dt", name);
        html_element(html, "dd", text);
    }
}

// What a host sees when two packages use one name in the group.
static const char *conflict_words(enum contract_conflict conflict) {
    static const char *const words[] = {
        [CONTRACT_WARN] = "both are served, each with a warning",
        [CONTRACT_ALL] = "both are served",
        [CONTRACT_ERROR] = "both are served, each with an error",
        [CONTRACT_FIRST] = "the first package by name wins",
        [CONTRACT_PRIORITY] = "packages win in the order below, then by name",
    };
    return words[conflict];
}

static void add_schema(struct page_context *page, const char *title, const char *schema) {
    if (schema) {
        html_open(page->html, "details");
        html_element(page->html, "summary", title);
        page_json(page, title, schema);
        html_close(page->html);
    }
}

static void add_contract(struct page_context *page, const struct contract_rows *rows) {
    struct html *html = page->html;
    page_open_section(html, "contract", "Contract");
    if (!rows->count) {
        page_nothing(html, "This group has no contract: any name and any kind of object is "
                           "accepted, and several packages may use the same name.");
        html_close(html);
        return;
    }
    const struct contract_row *row = &rows->items[0];
    const struct group_contract *contract = &row->contract;
    html_element(html, "p", contract->description);
    html_open(html, "dl");
    add_term(html, "Owner", contract->owner);
    add_term(html, "Names", contract->name_pattern ? contract->name_pattern : "any");
    add_term(html, "Objects", contract_kind_name(contract->kind));
    add_term(html, "Name conflicts", conflict_words(contract->conflict));
    for (size_t i = 0; i < contract->priority.count; i++) {
        if (!i) {
            html_element(html, "dt", "Priority");
        }
        html_element(html, "dd", contract->priority.items[i]);
    }
    for (size_t i = 0; i < contract->errors.count; i++) {
        if (!i) {
            html_element(html, "dt", "Refused wheels");
        }
        html_element(html, "dd", contract->errors.items[i]);
    }
    html_element(html, "dt", "Changed");
    html_open(html, "dd");
    page_time(html, row->updated_at);
    html_printf(html, " by %s", row->updated_by);
    html_close(html);
    html_close(html);
    add_schema(page, "Manifest schema", contract->manifest_schema);
    add_schema(page, "Settings schema", contract->settings_schema);
    html_close(html);
}

// Names that more than one package has.
static void add_conflicts(struct page_context *page, const struct selection_part *part) {
    struct html *html = page->html;
    if (!part->conflict_count) {
        return;
    }
    page_open_section(html, "conflicts", "Name conflicts");
    html_open(html, "ul");
    for (size_t i = 0; i < part->conflict_count; i++) {
        const struct name_conflict *conflict = &part->conflicts[i];
        html_open(html, "li");
        html_element(html, "strong", conflict->name);
        html_text(html, ": ");
        for (size_t j = 0; j < conflict->packages.count; j++) {
            const char *package = conflict->packages.items[j];
            html_text(html, j ? ", " : NULL);
            html_link(html, "a", address_make(page->arena, "/packages", package), package);
        }
        if (conflict->more) {
            html_printf(html, " and %zu more", conflict->more);
        }
        html_close(html);
    }
    html_close(html);
    if (part->more_conflicts) {
        html_open(html, "p.dim");
        html_printf(html, "%zu more names are used by several packages.", part->more_conflicts);
        html_close(html);
    }
    html_close(html);
}

// What the page of a group shows.
struct group_view {
    struct selection_part part;
    struct contract_rows contracts; // one or none
    struct hold_rows holds;
    struct entry_states states;
    struct host_requirements requirements; // of the records shown
    bool is_reported;
};

// As the JSON route decides: an environment may exclude every entry point of a group that has a
// contract.
static enum status load_group(struct page_context *page, int64_t number, struct group_view *view,
                              struct error *err) {
    const char *group = request_path(page->request, "group");
    struct resolve_query query = {.groups = &group,
                                  .group_count = 1,
                                  .environment = request_query(page->request, "environment"),
                                  .first = (number - 1) * RECORDS_ON_A_PAGE};
    enum status status = selection_part_load(page, &query, &view->part, err);
    if (status) {
        return status;
    }
    status =
        store_contracts_load(page->api->reading, page->arena, &group, 1, &view->contracts, err);
    if (status) {
        return status;
    }
    if (!view->part.total && !view->contracts.count) {
        status = fail(err, STATUS_NOT_FOUND, NULL,
                      "The group \"%s\" does not exist: no package has entry points in it, and it "
                      "has no contract.",
                      group);
    }
    return status;
}

// A group that no host has reported has no page of its transition.
static enum status find_reports(struct page_context *page, const char *group, bool *ret_reported,
                                struct error *err) {
    const struct text name = text_from(group);
    const struct transition_query query = {.groups = &name, .group_count = 1, .page.limit = 1};
    struct transition_rows rows;
    enum status status = store_transition_load(page->api->reading, page->arena, &query, &rows, err);
    *ret_reported = !status && rows.count;
    return status;
}

static enum status load_rest(struct page_context *page, const char *group, struct group_view *view,
                             struct error *err) {
    const struct entry_states_query wanted = {.group = group};
    enum status status = holds_load(page, &view->holds, err);
    if (status) {
        return status;
    }
    status = entries_states_load(page, &wanted, &view->states, err);
    if (status) {
        return status;
    }
    status = host_ranges_load(page, view->part.environment, &view->part.records,
                              &view->requirements, err);
    if (status) {
        return status;
    }
    return find_reports(page, group, &view->is_reported, err);
}

static void add_entry_points(struct page_context *page, const char *group,
                             const struct group_view *view, int64_t number) {
    struct html *html = page->html;
    const struct selection_part *part = &view->part;
    page_open_section(html, "entry-points", "Entry points");
    html_open(html, "p");
    html_printf(html, "%zu entry point%s in the environment ", part->total,
                part->total == 1 ? "" : "s");
    html_link(html, "a", address_make(page->arena, "/environments", part->environment),
              part->environment);
    html_text(html, ". ");
    if (view->is_reported) {
        struct address address;
        address_begin(&address, page->arena, "/transition");
        address_add_query(&address, "group", group);
        html_link(html, "a", address_end(&address), "Show which hosts still walk directories.");
    }
    html_close(html);
    records_table_add(page, part, &view->requirements);
    records_table_add_next(page, address_make(page->arena, "/groups", group), part->total, number);
    html_close(html);
}

static enum status load_contributions(struct page_context *page, const char *group,
                                      json_t **ret_document, struct error *err) {
    const struct resolve_query query = {.groups = &group,
                                        .group_count = 1,
                                        .environment = request_query(page->request, "environment"),
                                        .decides = true};
    return contributions_part_load(page, &query, ret_document, err);
}

// Who owns an endpoint, who publishes an event: the answers stand below the entry points, with a search.
static void add_contributions(struct page_context *page, const char *group,
                              const json_t *document) {
    struct html *html = page->html;
    const char *words = request_query(page->request, "q");
    page_open_section(html, "contributions", "Contributions");
    html_open(html, "form.filters");
    html_attribute(html, "action", address_make(page->arena, "/groups", group));
    page_hidden(html, "environment", request_query(page->request, "environment"));
    page_field(html, &(struct page_field){.label = "Search contributions",
                                          .name = "q",
                                          .value = words,
                                          .placeholder = "POST /products"});
    html_element(html, "button", "Search");
    html_close(html);
    html_close(html);
    contributions_part_add(page, document, words);
}

// A name that cannot be stored is 404 before anything is asked: nothing can be in it.
static enum status make_group(struct page_context *page, struct error *err) {
    static const struct query_rule rules[] = {
        {.name = "environment"}, {.name = "page"}, {.name = "q"}};
    const char *group = request_path(page->request, "group");
    struct group_view view = {0};
    scoped(cleanup_json) json_t *contributed = NULL;
    int64_t number = 1;
    enum status status = query_begin(page->api, page->request, rules, COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    status = query_integer(page->request, &page_range, &number, err);
    if (status) {
        return status;
    }
    if (!entry_point_group_may_be_stored(text_from(group))) {
        return fail(err, STATUS_NOT_FOUND, NULL, "This is not a valid group name");
    }
    status = load_group(page, number, &view, err);
    if (status) {
        return status;
    }
    status = load_rest(page, group, &view, err);
    if (status) {
        return status;
    }
    status = load_contributions(page, group, &contributed, err);
    if (status) {
        return status;
    }
    const char *address = address_make(page->arena, "/groups", group);
    page->feed = address ? arena_printf(page->arena, "%s/activity.atom", address) : NULL;
    page_begin(page, PAGE_GROUPS, group);
    const struct hold *hold = holds_find(&view.holds, true, group);
    banner_add_group(page, view.contracts.count ? &view.contracts.items[0].contract : NULL);
    banner_add_hold(page, hold, true);
    add_contract(page, &view.contracts);
    add_conflicts(page, &view.part);
    add_entry_points(page, group, &view, number);
    entries_states_add(page, &view.states, true);
    add_contributions(page, group, contributed);
    hold_form_add(page, true, group, hold);
    page_end(page);
    return STATUS_OK;
}

enum status page_group(struct api *api, const struct request *request, struct reply *reply,
                       struct findings *findings, struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_group, err);
}
