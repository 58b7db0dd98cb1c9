// SPDX-License-Identifier: MIT
// The transition as a dashboard: four numbers, the filter, the move over time, a line a host, what differs, the groups.
// With a group, a plot of each host. Everything is read as it is now: reports have no serial.
#include "registryd/request/query.h"
#include "registryd/web/frame/page_answer.h"
#include "registryd/web/transition/transition_pages.h"
#include "registryd/web/transition/transition_parts.h"
#include "schema/base/list.h"

#include <string.h>

// Nothing to load agrees with nothing to load; it proves nothing, and is not called safe.
// Agreeing once proves little: it must last.
static const struct {
    const char *state;
    const char *kind;
    const char *text;
} states[] = {{"differs", "warn", "differs"},
              {"waiting", NULL, "agrees, not for long enough"},
              {"safe", "good", "safe to switch"},
              {"empty", NULL, "no entry points"}};

void transition_add_state(struct html *html, const char *state) {
    for (size_t i = 0; i < COUNT_OF(states); i++) {
        if (strcmp(states[i].state, state) == 0) {
            page_badge(html, states[i].kind, states[i].text);
        }
    }
}

const char *transition_group_state(const struct group_standing *group) {
    return group->is_safe                             ? "safe"
           : group->equal_since                       ? "waiting"
           : group->hosts_equal == group->hosts_total ? "empty"
                                                      : "differs";
}

const char *transition_address(struct page_context *page, const struct hosts_filter *filter,
                               int64_t number) {
    struct address address;
    address_begin(&address, page->arena, "/transition");
    address_add_query(&address, "group", filter->group);
    address_add_query(&address, "state", filter->state);
    address_add_query(&address, "team", filter->team);
    address_add_query(&address, "page",
                      number > 1 ? arena_printf(page->arena, "%lld", (long long)number) : NULL);
    return address_end(&address);
}

// ---- the head of the page ----

// A group that agrees says when it becomes safe; one that is safe, since when it is.
static void add_verdict(struct page_context *page, const struct group_standing *group) {
    struct html *html = page->html;
    const char *state = transition_group_state(group);
    html_open(html, "p");
    transition_add_state(html, state);
    if (strcmp(state, "safe") == 0) {
        html_text(html, "since ");
        page_moment(html, group->safe_after);
        html_text(html, ". ");
    } else if (strcmp(state, "waiting") == 0) {
        html_text(html, "since ");
        page_moment(html, group->equal_since);
        html_text(html, ", safe if reports still agree after ");
        page_moment(html, group->safe_after);
        html_text(html, ". ");
    }
    html_printf(html, "%lld of %lld hosts are equal. ", (long long)group->hosts_equal,
                (long long)group->hosts_total);
    html_link(html, "a", address_make(page->arena, "/groups", group->group), "Show the group");
    html_close(html);
}

static void add_figures(struct page_context *page, const struct transition_view *view) {
    const struct host_row *first = view->hosts.count ? &view->hosts.items[0] : NULL;
    if (!first) {
        return;
    }
    const int64_t counts[] = {first->hosts_differ, first->hosts_wait, first->hosts_safe,
                              first->hosts_empty};
    page_open_figures(page->html, "Hosts by state");
    for (size_t i = 0; i < COUNT_OF(states); i++) {
        struct hosts_filter filter = view->filter;
        filter.state = states[i].state;
        page_figure(
            page->html,
            &(struct page_figure){.number = arena_printf(page->arena, "%lld", (long long)counts[i]),
                                  .label = states[i].text,
                                  .address = transition_address(page, &filter, 1),
                                  .kind = counts[i] ? states[i].kind : NULL});
    }
    html_close(page->html);
}

static enum status add_filters(struct page_context *page, const struct transition_view *view,
                               struct error *err) {
    static const char *const choices[] = {"differs", "waiting", "safe", "empty", NULL};
    struct html *html = page->html;
    const char **groups = arena_array(page->arena, view->groups.count + 1, sizeof *groups);
    if (!groups) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < view->groups.count; i++) {
        groups[i] = view->groups.items[i].group;
    }
    groups[view->groups.count] = NULL;
    html_open(html, "form.filters");
    html_attribute(html, "action", "/transition");
    html_attribute(html, "role", "search");
    html_attribute(html, "aria-label", "Filter the hosts");
    page_choice(
        html, &(struct page_field){.label = "Group", .name = "group", .value = view->filter.group},
        groups);
    page_choice(
        html, &(struct page_field){.label = "State", .name = "state", .value = view->filter.state},
        choices);
    page_field(html, &(struct page_field){
                         .label = "Team that reports", .name = "team", .value = view->filter.team});
    html_open(html, "button");
    html_attribute(html, "type", "submit");
    html_text(html, "Filter");
    html_close(html);
    html_close(html);
    return STATUS_OK;
}

// ---- the groups ----

static void add_groups(struct page_context *page, const struct transition_view *view) {
    static const char *const columns[] = {"Group", "Equal hosts", "Result",
                                          "Since", "Safe from",   NULL};
    struct html *html = page->html;
    page_open_section(html, "groups", "Groups");
    page_open_table(html, "Groups, those with a host that differs first", columns);
    for (size_t i = 0; i < view->groups.count; i++) {
        const struct group_standing *group = &view->groups.items[i];
        const struct hosts_filter filter = {.group = group->group};
        html_open(html, "tr");
        html_open(html, "td");
        html_link(html, "a", transition_address(page, &filter, 1), group->group);
        html_close(html);
        page_cell(html, arena_printf(page->arena, "%lld of %lld", (long long)group->hosts_equal,
                                     (long long)group->hosts_total));
        html_open(html, "td");
        transition_add_state(html, transition_group_state(group));
        html_close(html);
        html_open(html, "td");
        page_moment(html, group->equal_since);
        html_close(html);
        html_open(html, "td");
        page_moment(html, group->safe_after);
        html_close(html);
        html_close(html);
    }
    page_close_table(html);
    html_close(html);
}

// ---- loading ----

static enum status decode_state(const struct request *request, const char **ret_state,
                                struct error *err) {
    const char *text = request_query(request, "state");
    for (size_t i = 0; text && i < COUNT_OF(states); i++) {
        if (strcmp(states[i].state, text) == 0) {
            *ret_state = states[i].state;
            return STATUS_OK;
        }
    }
    return text ? fail(err, STATUS_INVALID, "?state", "\"%s\" is not a state of a host", text)
                : STATUS_OK;
}

static enum status decode(struct page_context *page, struct transition_view *view,
                          struct error *err) {
    static const struct query_rule rules[] = {
        {.name = "group"}, {.name = "state"}, {.name = "team"}, {.name = "page"}};
    static const struct query_range numbers = {"page", 1, 10000, 1};
    enum status status = query_begin(page->api, page->request, rules, COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    status = query_integer(page->request, &numbers, &view->number, err);
    if (status) {
        return status;
    }
    view->filter.group = request_query(page->request, "group");
    view->filter.team = request_query(page->request, "team");
    return decode_state(page->request, &view->filter.state, err);
}

static enum status load(struct page_context *page, struct transition_view *view,
                        struct error *err) {
    const struct hosts_query query = {view->filter, (view->number - 1) * HOSTS_ON_A_PAGE,
                                      HOSTS_ON_A_PAGE + 1};
    struct store *store = page->api->reading;
    enum status status = store_hosts_load(store, page->arena, &query, &view->hosts, err);
    if (status) {
        return status;
    }
    status = store_group_standings_load(store, page->arena, NULL, &view->groups, err);
    if (status) {
        return status;
    }
    status =
        store_common_differences_load(store, page->arena, &view->filter, &view->differences, err);
    if (status) {
        return status;
    }
    return store_progress_load(store, page->arena, &view->filter, &view->progress, err);
}

// The list of groups is cut; the group that is asked for may be behind the cut.
static enum status find_group(struct page_context *page, struct transition_view *view,
                              struct error *err) {
    struct group_standings found = {0};
    if (!view->filter.group) {
        return STATUS_OK;
    }
    enum status status = store_group_standings_load(page->api->reading, page->arena,
                                                    view->filter.group, &found, err);
    if (status) {
        return status;
    }
    view->group = found.count ? &found.items[0] : NULL;
    return found.count ? STATUS_OK
                       : fail(err, STATUS_NOT_FOUND, NULL, "No host has reported the group \"%s\"",
                              view->filter.group);
}

static enum status write_page(struct page_context *page, const struct transition_view *view,
                              struct error *err) {
    page_begin(page, PAGE_TRANSITION,
               view->group ? arena_printf(page->arena, "Transition of %s", view->group->group)
                           : "Transition to the registry");
    if (!view->groups.count) {
        page_empty(page->html, "No host has reported yet.",
                   "Compare the walk of a host with the registry:",
                   "registryctl compare GROUP ROOT… --report");
        page_end(page);
        return STATUS_OK;
    }
    if (view->group) {
        add_verdict(page, view->group);
    }
    add_figures(page, view);
    enum status status = add_filters(page, view, err);
    if (status) {
        return status;
    }
    transition_add_hosts(page, view);
    transition_add_differences(page, view);
    status = view->group ? transition_add_plots(page, view, err) : STATUS_OK;
    if (status) {
        return status;
    }
    transition_add_progress(page, view);
    if (!view->group) {
        add_groups(page, view);
    }
    page_end(page);
    return STATUS_OK;
}

static enum status make_transition(struct page_context *page, struct error *err) {
    struct transition_view view = {0};
    enum status status = decode(page, &view, err);
    if (status) {
        return status;
    }
    status = find_group(page, &view, err);
    if (status) {
        return status;
    }
    status = load(page, &view, err);
    return status ? status : write_page(page, &view, err);
}

enum status page_transition(struct api *api, const struct request *request, struct reply *reply,
                            struct findings *findings, struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_transition, err);
}
