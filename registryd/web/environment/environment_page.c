// SPDX-License-Identifier: MIT
// One environment. What needs a person comes first: four numbers, and what is enabled in vain. Then what hosts get, what
// was decided and by whom, what is left out, and what it was made from. The records and the counts are two kept answers,
// so the page costs the same with a hundred thousand packages.
#include "registryd/web/environment/environment_pages.h"

#include "registryd/access/settings_rights.h"
#include "registryd/api/environments/environments.h"
#include "registryd/request/query.h"
#include "registryd/web/environment/environment_parts.h"
#include "registryd/web/frame/page_answer.h"
#include "registryd/web/pages/records_table.h"
#include "schema/base/list.h"

static const struct query_range page_range = {
    .name = "page", .min = 1, .max = 100000, .fallback = 1};

// What the page shows.
struct environment_view {
    struct environment_detail detail;
    struct selection_part part;     // records
    struct rules_outcome outcome;   // counts
    struct version_changes thawed;  // of a frozen one
    struct environment_marks marks; // who decided about what
    bool may_read;                  // settings
    int64_t number;                 // of the page of records
};

// ---- what hosts get

static enum status load_thawed(struct page_context *page, const char *name,
                               struct version_changes *ret_changes, struct error *err) {
    struct package_versions now;
    struct package_versions then;
    enum status status = package_versions_load(page, name, false, &now, err);
    if (status) {
        return status;
    }
    status = package_versions_load(page, name, true, &then, err);
    if (status) {
        return status;
    }
    package_versions_compare(&now, &then, ret_changes);
    return STATUS_OK;
}

static enum status load_selection(struct page_context *page, struct environment_view *view,
                                  struct error *err) {
    const char *name = view->detail.row.name;
    const char *group = request_query(page->request, "group");
    struct resolve_query query = {.environment = name,
                                  .groups = &group,
                                  .group_count = group ? 1 : 0, // else all of them
                                  .first = (view->number - 1) * RECORDS_ON_A_PAGE};
    enum status status = selection_part_load(page, &query, &view->part, err);
    if (status) {
        return status;
    }
    status = outcome_load(page, name, group, &view->outcome, err);
    return status || !view->detail.row.lock_id ? status
                                               : load_thawed(page, name, &view->thawed, err);
}

// Of the group that is shown, else of all.
static const char *contributions_address(struct page_context *page, const char *name) {
    struct address address;
    address_begin(&address, page->arena, "/environments");
    address_add_segment(&address, name);
    address_add_segment(&address, "contributions");
    address_add_query(&address, "group", request_query(page->request, "group"));
    return address_end(&address);
}

static void add_records(struct page_context *page, const struct environment_view *view) {
    struct html *html = page->html;
    const char *name = view->detail.row.name;
    const struct selection_part *part = &view->part;
    page_open_section(html, "records", "What hosts get");
    html_open(html, "form.filters");
    page_field(html, &(struct page_field){.label = "Group",
                                          .name = "group",
                                          .value = request_query(page->request, "group"),
                                          .placeholder = "all"});
    html_element(html, "button", "Show");
    html_close(html);
    html_open(html, "p");
    html_printf(html, part->total == 1 ? "%zu entry point. " : "%zu entry points. ", part->total);
    html_link(html, "a", contributions_address(page, name),
              "Show what these plugins contribute to their host.");
    html_close(html);
    records_table_add(page, part, NULL);
    records_table_add_next(page, address_make(page->arena, "/environments", name), part->total,
                           view->number);
    environment_exports_add(page, name);
    html_close(html);
}

static void add_thawed(struct page_context *page, const struct version_changes *changes) {
    struct html *html = page->html;
    page_open_section(html, "thawed", "Would change if thawed");
    version_changes_add(page, changes, "Nothing: the rules and the lock give the same packages.");
    html_close(html);
}

// Everything but the history was loaded by the caller.
static enum status write_environment(struct page_context *page, const struct environment_view *view,
                                     struct error *err) {
    const struct environment_detail *detail = &view->detail;
    const char *name = detail->row.name;
    bool is_frozen = detail->row.lock_id && !detail->row.is_archived;
    page_begin(page, PAGE_ENVIRONMENTS, arena_printf(page->arena, "Environment %s", name));
    html_element(page->html, "p.summary", detail->row.description);
    enum status status = environment_state_add(page, &detail->row, err);
    if (status) {
        return status;
    }
    if (!detail->row.is_archived) {
        environment_numbers_add(page, &view->outcome, is_frozen ? &view->thawed : NULL);
        outcome_add_missing(page, name, &view->outcome);
        add_records(page, view);
    }
    if (is_frozen) {
        add_thawed(page, &view->thawed);
    }
    environment_plugins_add(page, detail, &view->marks, view->may_read);
    if (!detail->row.is_archived) {
        outcome_add_left_out(page, name, &view->outcome);
        outcome_add_outdated(page, name, &view->outcome.outdated);
    }
    environment_facts_add(page, &detail->environment);
    status = environment_history_add(page, name, err);
    if (status) {
        return status;
    }
    environment_forms_add(page, &detail->row);
    page_end(page);
    return STATUS_OK;
}

static enum status load_environment(struct page_context *page, const char *name,
                                    struct environment_view *view, struct error *err) {
    struct store *store = page->api->reading;
    enum status status = store_environment_load(store, page->arena, name, 0, &view->detail, err);
    if (status) {
        return status;
    }
    status = store_environment_marks_load(store, page->arena, name, &view->marks, err);
    if (status) {
        return status;
    }
    status = settings_may_read(page->api, page->request, name, &view->may_read, err);
    // The index refuses archived environments, and the page shall still show their history.
    return status || view->detail.row.is_archived ? status : load_selection(page, view, err);
}

static enum status make_environment(struct page_context *page, struct error *err) {
    static const struct query_rule rules[] = {{.name = "group"}, {.name = "page"}};
    const char *name = NULL;
    struct environment_view *view = arena_alloc(page->arena, sizeof *view);
    if (!view) {
        return fail_no_memory(err);
    }
    enum status status = query_begin(page->api, page->request, rules, COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    status = query_integer(page->request, &page_range, &view->number, err);
    if (status) {
        return status;
    }
    status = environments_path(page->request, STATUS_NOT_FOUND, &name, err);
    if (status) {
        return status;
    }
    status = load_environment(page, name, view, err);
    return status ? status : write_environment(page, view, err);
}

enum status page_environment(struct api *api, const struct request *request, struct reply *reply,
                             struct findings *findings, struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_environment, err);
}
