// SPDX-License-Identifier: MIT
// Environments: what hosts there get, at which release and why, what is left out and why, how it came
// to be so.
// An environment is what its document says (facts, policy, decisions) and what a resolution makes
// of that (entry points, excluded releases). Both are on the page of one environment.
#include "registryd/request/cursor.h"
#include "registryd/api/environments/environments.h"
#include "registryd/request/query.h"
#include "registryd/store/store_environments.h"
#include "registryd/web/pages/environment_parts.h"
#include "registryd/web/pages/pages.h"
#include "registryd/web/pages/records_table.h"
#include "registryd/api/environments/environment_compare.h"
#include "registryd/api/environments/environment_diff_locks.h"
#include "registryd/access/settings_rights.h"
#include "registryd/web/frame/page_answer.h"
#include "registryd/web/frame/json_view.h"
#include "schema/base/cleanup.h"
#include "schema/base/list.h"
#include "schema/environment/environment_settings.h"
#include "schema/json/json.h"

enum { REVISIONS_SHOWN = 20 };

static const struct query_range page_range = {
    .name = "page", .min = 1, .max = 100000, .fallback = 1};

static void add_environment(struct page_context *page, const struct environment_row *row) {
    struct html *html = page->html;
    html_open(html, "li");
    html_open(html, "h2");
    html_link(html, "a", address_make(page->arena, "/environments", row->name), row->name);
    html_text(html, " ");
    environment_state_badges(html, row);
    html_close(html);
    html_element(html, "p", row->description);
    html_open(html, "p.dim");
    html_printf(html, "revision %lld · %lld %s configured · ", (long long)row->revision,
                (long long)row->plugin_count, row->plugin_count == 1 ? "package" : "packages");
    page_time(html, row->changed_at);
    html_close(html);
    html_close(html);
}

static enum status make_environments(struct page_context *page, struct error *err) {
    static const struct query_rule rules[] = {
        {.name = "limit"}, {.name = "cursor"}, {.name = "archived"}};
    struct environments_query wanted = {0};
    struct environment_rows rows;
    enum status status = query_begin(page->api, page->request, rules, COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    status = cursor_decode(page->request, &wanted.page, err);
    if (status) {
        return status;
    }
    status = query_flag(page->request, "archived", &wanted.with_archived, err);
    if (status) {
        return status;
    }
    status = store_environments_load(page->api->reading, page->arena, &wanted, &rows, err);
    if (status) {
        return status;
    }
    page_begin(page, PAGE_ENVIRONMENTS, "Environments");
    html_open(page->html, "ul.cards");
    for (size_t i = 0; i < rows.count; i++) {
        add_environment(page, &rows.items[i]);
    }
    html_close(page->html);
    if (rows.more) {
        struct address address;
        address_begin(&address, page->arena, "/environments");
        address_add_query(&address, "cursor",
                          cursor_encode(page->arena, rows.items[rows.count - 1].name));
        address_add_query(&address, "archived", wanted.with_archived ? "1" : NULL);
        page_next(page->html, address_end(&address));
    }
    html_open(page->html, "p");
    html_link(page->html, "a", wanted.with_archived ? "/environments" : "/environments?archived=1",
              wanted.with_archived ? "Hide archived environments" : "Show archived environments");
    html_close(page->html);
    page_end(page);
    return STATUS_OK;
}

enum status page_environments(struct api *api, const struct request *request, struct reply *reply,
                              struct findings *findings, struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_environments, err);
}

// ---- one environment ----

// A long list is folded, or what is decided would lie far below.
static void add_pairs(struct html *html, const char *name, const struct environment_pair *pairs,
                      size_t count) {
    enum { SHOWN_MAX = 12 };
    if (!count) {
        return;
    }
    html_element(html, "dt", name);
    html_open(html, "dd");
    if (count > SHOWN_MAX) {
        html_open(html, "details");
        html_open(html, "summary");
        html_printf(html, "%zu", count);
        html_close(html);
    }
    html_open(html, "ul.plain-list");
    for (size_t i = 0; i < count; i++) {
        html_open(html, "li");
        html_printf(html, "%s %s", pairs[i].name, pairs[i].value);
        html_close(html);
    }
    html_close(html);
    if (count > SHOWN_MAX) {
        html_close(html);
    }
    html_close(html);
}

// Facts that are not stated are shown as "any": they exclude nothing.
static void add_facts(struct page_context *page, const struct environment *environment) {
    struct html *html = page->html;
    page_open_section(html, "facts", "Facts");
    html_open(html, "dl");
    html_element(html, "dt", "Python");
    html_element(html, "dd", environment->python ? environment->python : "any");
    add_pairs(html, "Installed", environment->have, environment->have_count);
    add_pairs(html, "Markers", environment->markers, environment->marker_count);
    html_element(html, "dt", "Policy");
    html_open(html, "dd");
    html_text(html, environment->is_listed_only ? "only packages that are enabled here"
                                                : "all packages, except those disabled here");
    html_text(html, environment->prereleases ? ", pre-releases included" : NULL);
    if (environment->min_age_seconds) {
        html_printf(html, ", only releases older than %lld hours",
                    (long long)(environment->min_age_seconds / 3600));
    }
    html_close(html);
    for (size_t i = 0; i < environment->permission_count; i++) {
        if (!i) {
            html_element(html, "dt", "Permissions");
        }
        html_element(html, "dd", environment->permissions[i]);
    }
    html_close(html);
    html_close(html);
}

// The button that brings a revision back.
static void add_rollback(struct page_context *page, const struct environment_row *row) {
    struct html *html = page->html;
    const char *path = address_make(page->arena, "/environments", row->name);
    html_open(html, "td");
    // There is nothing to go back to from the newest one.
    if (row->revision < row->newest_revision) {
        html_open(html, "form");
        html_attribute(html, "method", "post");
        html_attribute(html, "action",
                       path ? arena_printf(page->arena, "%s/rollback", path) : NULL);
        // A form without page_open_form must bring the token itself: it proves that this registry
        // made the form.
        page_hidden(html, "form_token", page->form_token);
        page_hidden(html, "revision", arena_printf(page->arena, "%lld", (long long)row->revision));
        html_open(html, "button");
        html_printf(html, "Roll back to %lld", (long long)row->revision);
        html_close(html);
        html_close(html);
    }
    html_close(html);
}

static enum status add_history(struct page_context *page, const char *name, struct error *err) {
    static const char *const columns[] = {"Revision", "Change", "Time", "By", NULL};
    static const char *const columns_changing[] = {"Revision", "Change",    "Time",
                                                   "By",       "Roll back", NULL};
    struct html *html = page->html;
    bool may_change = page_may(page, ACCESS_ENVIRONMENT, name);
    struct environment_history query = {name, REVISIONS_SHOWN, 0};
    struct environment_rows rows;
    enum status status =
        store_environment_history_load(page->api->reading, page->arena, &query, &rows, err);
    if (status) {
        return status;
    }
    page_open_section(html, "history", "History");
    page_open_table(html, "Revisions", may_change ? columns_changing : columns);
    for (size_t i = 0; i < rows.count; i++) {
        const struct environment_row *row = &rows.items[i];
        const char *path = address_make(page->arena, "/environments", name);
        html_open(html, "tr");
        html_open(html, "td");
        // Each revision links to what it changed; the first one has nothing before it.
        if (row->revision > 1 && path) {
            const char *diff = arena_printf(page->arena, "%s/diff?from=%lld&to=%lld", path,
                                            (long long)row->revision - 1, (long long)row->revision);
            html_link(html, "a", diff, arena_printf(page->arena, "%lld", (long long)row->revision));
        } else {
            html_printf(html, "%lld", (long long)row->revision);
        }
        html_close(html);
        html_open(html, "td");
        html_text(html, row->summary ? row->summary : row->action);
        html_text(html, row->reason ? ": " : NULL);
        html_text(html, row->reason);
        html_close(html);
        html_open(html, "td");
        page_time(html, row->changed_at);
        html_close(html);
        page_cell(html, row->changed_by);
        if (may_change) {
            add_rollback(page, row);
        }
        html_close(html);
    }
    page_close_table(html);
    html_close(html);
    return STATUS_OK;
}

// With reasons: the page answers why a release is not there, and the JSON route only when asked.
static enum status select_for(struct page_context *page, const char *name, int64_t number,
                              struct selection_part *ret_part, struct error *err) {
    const char *group = request_query(page->request, "group");
    struct resolve_query query = {
        .environment = name, .explain = true, .first = (number - 1) * RECORDS_ON_A_PAGE};
    if (group) { // else all of them
        query.groups = &group;
        query.group_count = 1;
    }
    return selection_part_load(page, &query, ret_part, err);
}

// What the selection shown is behind with, as GET /v1/outdated: the same groups.
static void add_outdated(struct page_context *page, const char *name,
                         const struct selection_part *part) {
    struct html *html = page->html;
    struct address address;
    address_begin(&address, page->arena, "/v1/outdated");
    address_add_query(&address, "environment", name);
    address_add_query(&address, "group", request_query(page->request, "group"));
    page_open_section(html, "outdated", "Outdated packages");
    records_table_add_outdated(page, &part->outdated);
    html_open(html, "p.dim");
    html_link(html, "a", address_end(&address), "All outdated packages as JSON");
    html_close(html);
    html_close(html);
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

static void add_selection(struct page_context *page, const char *name,
                          const struct selection_part *part, int64_t number) {
    struct html *html = page->html;
    page_open_section(html, "records", "Entry points");
    html_open(html, "form.filters");
    page_field(html, &(struct page_field){.label = "Group",
                                          .name = "group",
                                          .value = request_query(page->request, "group"),
                                          .placeholder = "all"});
    html_element(html, "button", "Show");
    html_close(html);
    html_open(html, "p");
    html_printf(html, part->total == 1 ? "%zu entry point" : "%zu entry points", part->total);
    html_close(html);
    html_open(html, "p");
    html_link(html, "a", contributions_address(page, name),
              "Show what these plugins contribute to their host.");
    html_close(html);
    records_table_add(page, part, NULL);
    records_table_add_next(page, address_make(page->arena, "/environments", name), part->total,
                           number);
    html_close(html);
    page_open_section(html, "left-out", "Excluded releases");
    records_table_add_excluded(page, part);
    html_close(html);
    add_outdated(page, name, part);
}

// Everything but the history was loaded by the caller.
// Facts, decisions, what they lead to, history: cause before effect.
static enum status write_environment(struct page_context *page,
                                     const struct environment_detail *detail,
                                     const struct selection_part *part, int64_t number,
                                     struct error *err) {
    const char *name = detail->row.name;
    bool may_read = false;
    enum status status = settings_may_read(page->api, page->request, name, &may_read, err);
    if (status) {
        return status;
    }
    page_begin(page, PAGE_ENVIRONMENTS, arena_printf(page->arena, "Environment %s", name));
    html_element(page->html, "p", detail->row.description);
    status = environment_state_add(page, &detail->row, err);
    if (status) {
        return status;
    }
    add_facts(page, &detail->environment);
    environment_plugins_add(page, detail, may_read);
    if (!detail->row.is_archived) {
        add_selection(page, name, part, number);
    }
    status = add_history(page, name, err);
    page_end(page);
    return status;
}

static enum status make_environment(struct page_context *page, struct error *err) {
    static const struct query_rule rules[] = {{.name = "group"}, {.name = "page"}};
    const char *name = NULL;
    struct environment_detail detail;
    struct selection_part part = {0};
    int64_t number = 1;
    enum status status = query_begin(page->api, page->request, rules, 2, err);
    if (status) {
        return status;
    }
    status = query_integer(page->request, &page_range, &number, err);
    if (status) {
        return status;
    }
    status = environments_path(page->request, STATUS_NOT_FOUND, &name, err);
    if (status) {
        return status;
    }
    status = store_environment_load(page->api->reading, page->arena, name, 0, &detail, err);
    if (status) {
        return status;
    }
    // The index refuses archived environments, and the page shall still show their history.
    status = detail.row.is_archived ? STATUS_OK : select_for(page, name, number, &part, err);
    if (status) {
        return status;
    }
    return write_environment(page, &detail, &part, number, err);
}

enum status page_environment(struct api *api, const struct request *request, struct reply *reply,
                             struct findings *findings, struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_environment, err);
}

// ---- two revisions ----

// Two revisions of an environment side by side.

static void add_value(struct html *html, const char *element, const json_t *value) {
    scoped(cleanup_memory) char *text = json_view_print(value, false);
    html_open(html, element);
    if (text) {
        html_element(html, "code", text);
    } else {
        html_text(html, "–");
    }
    html_close(html);
}

// The entries are those of GET /v1/environments/NAME/diff.
static void add_differences(struct page_context *page, const json_t *entries) {
    static const char *const columns[] = {"Where", "Before", "After", NULL};
    struct html *html = page->html;
    size_t index;
    json_t *entry;
    if (!json_array_size(entries)) {
        page_nothing(html, "The two revisions are equal.");
        return;
    }
    page_open_table(html, "Differences", columns);
    json_array_foreach(entries, index, entry) {
        const json_t *from = json_object_get(entry, "from");
        const json_t *to = json_object_get(entry, "to");
        html_open(html, "tr");
        html_open(html, "td");
        html_element(html, "code", json_string_value(json_object_get(entry, "where")));
        html_close(html);
        // A list of texts has "removed" and "added" instead of "from" and "to".
        add_value(html, "td.removed", from ? from : json_object_get(entry, "removed"));
        add_value(html, "td.added", to ? to : json_object_get(entry, "added"));
        html_close(html);
    }
    page_close_table(html);
}

static void add_side(struct html *html, const char *what, const struct environment_row *row) {
    html_element(html, "dt", what);
    html_open(html, "dd");
    html_printf(html, "revision %lld, ", (long long)row->revision);
    page_time(html, row->changed_at);
    html_printf(html, " by %s: %s", row->changed_by, row->summary ? row->summary : row->action);
    html_close(html);
}

static enum status write_diff(struct page_context *page, const struct environment_detail *from,
                              const struct environment_detail *to, struct error *err) {
    scoped(cleanup_json) json_t *before = json_view_parse(from->document);
    scoped(cleanup_json) json_t *after = json_view_parse(to->document);
    bool may_read = false;
    enum status status = settings_may_read(page->api, page->request, to->row.name, &may_read, err);
    if (status) {
        return status;
    }
    // Masked before the comparison, so that a difference never shows a secret.
    if (!before || !after || !environment_mask_both(before, after, may_read)) {
        return fail_no_memory(err);
    }
    const struct lock_side locks[2] = {{&from->row, before}, {&to->row, after}};
    status = environment_diff_locks(page->api, page->arena, locks, err);
    if (status) {
        return status;
    }
    scoped(cleanup_json) json_t *entries =
        environment_compare_documents(page->arena, before, after);
    if (!entries) {
        return fail_no_memory(err);
    }
    struct html *html = page->html;
    page_begin(page, PAGE_ENVIRONMENTS, arena_printf(page->arena, "Changes of %s", to->row.name));
    html_open(html, "dl");
    add_side(html, "Before", &from->row);
    add_side(html, "After", &to->row);
    html_close(html);
    add_differences(page, entries);
    html_open(html, "p");
    html_link(html, "a", address_make(page->arena, "/environments", to->row.name),
              "Back to the environment");
    html_close(html);
    page_end(page);
    return STATUS_OK;
}

// Without `to` the newest revision is shown, as 0 means for the store.
static enum status make_diff(struct page_context *page, struct error *err) {
    static const struct query_rule rules[] = {{.name = "from"}, {.name = "to"}};
    static const struct query_range from_range = {"from", 1, INT64_MAX, 1};
    static const struct query_range to_range = {"to", 1, INT64_MAX, 0};
    const char *name = NULL;
    int64_t from = 0;
    int64_t to = 0;
    struct environment_detail sides[2];
    enum status status = query_begin(page->api, page->request, rules, 2, err);
    if (status) {
        return status;
    }
    status = environments_path(page->request, STATUS_NOT_FOUND, &name, err);
    if (status) {
        return status;
    }
    status = query_integer(page->request, &from_range, &from, err);
    if (status) {
        return status;
    }
    status = query_integer(page->request, &to_range, &to, err);
    if (status) {
        return status;
    }
    status = store_environment_load(page->api->reading, page->arena, name, from, &sides[0], err);
    if (status) {
        return status;
    }
    status = store_environment_load(page->api->reading, page->arena, name, to, &sides[1], err);
    if (status) {
        return status;
    }
    return write_diff(page, &sides[0], &sides[1], err);
}

enum status page_environment_diff(struct api *api, const struct request *request,
                                  struct reply *reply, struct findings *findings,
                                  struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_diff, err);
}
