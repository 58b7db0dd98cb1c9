// SPDX-License-Identifier: MIT
// Who still needs directory walking: every group in a line, or one group host by host, with its reports
// over time and what still differs.
// Hosts are listed group by group, as GET /v1/transition gives them, and the cursor is the same.
#include "registryd/request/cursor.h"
#include "registryd/request/query.h"
#include "registryd/web/frame/page_answer.h"
#include "registryd/web/pages/pages.h"
#include "registryd/web/frame/plot.h"
#include "registryd/web/frame/json_view.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

// Each plot is a statement of its own. Further hosts are shown without one.
enum { PLOTS_MAX = 12 };

// Nothing to load agrees with nothing to load; it proves nothing, and is not called safe.
// Agreeing once proves little: it must last.
enum verdict { VERDICT_DIFFERS, VERDICT_EMPTY, VERDICT_AGREES, VERDICT_SAFE };

static void add_verdict(struct html *html, enum verdict verdict, const char *since) {
    static const struct {
        const char *kind;
        const char *text;
    } badges[] = {[VERDICT_DIFFERS] = {"warn", "differs"},
                  [VERDICT_EMPTY] = {NULL, "no entry points"},
                  [VERDICT_AGREES] = {NULL, "agrees, not for long enough"},
                  [VERDICT_SAFE] = {"good", "safe to switch"}};
    page_badge(html, badges[verdict].kind, badges[verdict].text);
    if (verdict >= VERDICT_AGREES) {
        html_text(html, "since ");
        page_moment(html, since);
    }
}

// group_equal_since is NULL when a host differs, and when no host has an entry point.
static enum verdict verdict_of_group(const struct transition_row *row) {
    return transition_is_safe(row)                ? VERDICT_SAFE
           : row->group_equal_since               ? VERDICT_AGREES
           : row->hosts_equal == row->hosts_total ? VERDICT_EMPTY
                                                  : VERDICT_DIFFERS;
}

// A host that found nothing agrees with a registry that has nothing.
static enum verdict verdict_of_host(const struct transition_row *row, const json_t *summary) {
    const json_t *same = json_object_get(summary, "same");
    return !row->equal                                          ? VERDICT_DIFFERS
           : json_is_integer(same) && !json_integer_value(same) ? VERDICT_EMPTY
           : row->safe                                          ? VERDICT_SAFE
                                                                : VERDICT_AGREES;
}

static const struct {
    const char *key;
    const char *words;
} lists[] = {{"only_walk", "found only by the walk"},
             {"only_registry", "only in the registry"},
             {"value", "another value"},
             {"version", "another version"},
             {"manifest", "another manifest"},
             {"unknown_version", "without a known version"},
             {"shadowed", "shadowed by other directories"},
             {"invalid", "invalid in the directories"},
             {"withheld", "withheld by a decision of the registry"}};

// The summary has the counts of all differences and some of the names; "and more" says that names
// are missing.
static void add_differences(struct html *html, const json_t *summary) {
    bool is_open = false;
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        json_int_t count = json_integer_value(json_object_get(summary, lists[i].key));
        const json_t *names = json_object_get(json_object_get(summary, "names"), lists[i].key);
        if (count <= 0) {
            continue;
        }
        if (!is_open) {
            html_open(html, "ul");
            is_open = true;
        }
        html_open(html, "li");
        html_printf(html, "%lld %s: ", (long long)count, lists[i].words);
        for (size_t j = 0; j < json_array_size(names); j++) {
            html_text(html, j ? ", " : NULL);
            html_element(html, "code", json_string_value(json_array_get(names, j)));
        }
        html_text(html, (size_t)count > json_array_size(names) ? " and more" : NULL);
        html_close(html);
    }
    if (is_open) {
        html_close(html);
    } else {
        page_nothing(html, "No differences.");
    }
}

// How long the host's reports must agree, in the largest unit that fits.
static void add_duration(struct html *html, json_int_t seconds) {
    enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };
    json_int_t unit = seconds % DAY == 0      ? DAY
                      : seconds % HOUR == 0   ? HOUR
                      : seconds % MINUTE == 0 ? MINUTE
                                              : 1;
    const char *word = unit == DAY      ? "day"
                       : unit == HOUR   ? "hour"
                       : unit == MINUTE ? "minute"
                                        : "second";
    if (seconds > 0) {
        html_printf(html, "; safe after %lld %s%s of agreement", (long long)(seconds / unit), word,
                    seconds == unit ? "" : "s");
    }
}

// A host stands once for each environment that it reported for.
static enum status add_host(struct page_context *page, const struct transition_row *row,
                            bool has_plot, struct error *err) {
    struct html *html = page->html;
    struct report_points points = {0};
    scoped(cleanup_json) json_t *summary = json_view_parse(row->summary);
    enum status status =
        has_plot ? store_report_history_load(page->api->reading, page->arena, row, &points, err)
                 : STATUS_OK;
    if (status) {
        return status;
    }
    const char *convention = json_string_value(json_object_get(summary, "convention"));
    page_open_section(html, NULL,
                      arena_printf(page->arena, "%s · %s", row->host, row->environment));
    html_open(html, "p");
    add_verdict(html, verdict_of_host(row, summary), row->equal_since);
    html_open(html, "span.dim");
    html_printf(html, " %lld %s, latest ", (long long)row->report_count,
                row->report_count == 1 ? "report" : "reports");
    page_time(html, row->last_report_at);
    html_printf(html, " by %s", row->reported_by);
    html_text(html, convention ? ", convention " : NULL);
    html_text(html, convention);
    add_duration(html, json_integer_value(json_object_get(summary, "for_seconds")));
    html_close(html);
    html_close(html);
    plot_add(html, &points,
             arena_printf(page->arena, "%zu report%s of %s: walk and registry; %s", points.count,
                          points.count == 1 ? "" : "s", row->host,
                          row->equal ? "the last one agrees" : "the last one differs"));
    add_differences(html, summary);
    html_close(html);
    return STATUS_OK;
}

static enum status write_group(struct page_context *page, const struct transition_rows *rows,
                               struct error *err) {
    enum status status = STATUS_OK;
    struct html *html = page->html;
    const struct transition_row *first = &rows->items[0];
    html_open(html, "p");
    add_verdict(html, verdict_of_group(first), first->group_equal_since);
    if (verdict_of_group(first) == VERDICT_AGREES) {
        html_text(html, ", safe if reports still agree after ");
        page_moment(html, first->group_safe_after);
    }
    html_printf(html, " %lld of %lld hosts are equal. ", (long long)first->hosts_equal,
                (long long)first->hosts_total);
    html_link(html, "a", address_make(page->arena, "/groups", first->group), "Show the group");
    html_close(html);
    plot_add_legend(html);
    for (size_t i = 0; !status && i < rows->count; i++) {
        status = add_host(page, &rows->items[i], i < PLOTS_MAX, err);
    }
    return status;
}

// Groups in lines: a row of hosts a group, its first stands for it.
// A group whose hosts do not end on this page begins the next one again.
static void write_overview(struct page_context *page, const struct transition_rows *rows) {
    static const char *const columns[] = {"Group", "Equal hosts", "Result", "Hosts", NULL};
    struct html *html = page->html;
    if (!rows->count) {
        page_nothing(html,
                     "No host has reported yet. Run \"registryctl compare --report\" on a host.");
        return;
    }
    page_open_table(html, "Groups and their hosts", columns);
    for (size_t i = 0; i < rows->count;) {
        const struct transition_row *row = &rows->items[i];
        struct address address;
        address_begin(&address, page->arena, "/transition");
        address_add_query(&address, "group", row->group);
        html_open(html, "tr");
        html_open(html, "td");
        html_link(html, "a", address_end(&address), row->group);
        html_close(html);
        html_open(html, "td");
        html_printf(html, "%lld of %lld", (long long)row->hosts_equal, (long long)row->hosts_total);
        html_close(html);
        html_open(html, "td");
        add_verdict(html, verdict_of_group(row), row->group_equal_since);
        html_close(html);
        html_open(html, "td.long");
        for (; i < rows->count && strcmp(rows->items[i].group, row->group) == 0; i++) {
            page_badge(html, rows->items[i].equal ? "good" : "warn", rows->items[i].host);
        }
        html_close(html);
        html_close(html);
    }
    page_close_table(html);
}

// The cursor is the last row's key, as in GET /v1/transition.
static void add_next(struct page_context *page, const char *group,
                     const struct transition_rows *rows) {
    if (!rows->more) {
        return;
    }
    const struct transition_row *last = &rows->items[rows->count - 1];
    const char *place =
        arena_printf(page->arena, "%s\n%s\n%s", last->group, last->host, last->environment);
    struct address address;
    address_begin(&address, page->arena, "/transition");
    address_add_query(&address, "group", group);
    address_add_query(&address, "cursor", place ? cursor_encode(page->arena, place) : NULL);
    page_next(page->html, address_end(&address));
}

static enum status make_transition(struct page_context *page, struct error *err) {
    static const struct query_rule rules[] = {
        {.name = "group"}, {.name = "host"}, {.name = "limit"}, {.name = "cursor"}};
    const char *group = request_query(page->request, "group");
    struct text wanted = text_from(group);
    struct transition_query query = {
        &wanted, group != NULL, request_query(page->request, "host"), {0}};
    struct transition_rows rows;
    enum status status = query_begin(page->api, page->request, rules, 4, err);
    if (status) {
        return status;
    }
    status = cursor_decode(page->request, &query.page, err);
    if (status) {
        return status;
    }
    // A group's page is long: each host has a section.
    query.page.limit = group && query.page.limit > 25 ? 25 : query.page.limit;
    status = store_transition_load(page->api->reading, page->arena, &query, &rows, err);
    if (status) {
        return status;
    }
    if (group && !rows.count) {
        status = fail(err, STATUS_NOT_FOUND, NULL, "No host has reported the group \"%s\"", group);
    }
    if (status) {
        return status;
    }
    page_begin(page, PAGE_TRANSITION,
               group ? arena_printf(page->arena, "Transition of %s", group)
                     : "Transition to the registry");
    if (group) {
        status = write_group(page, &rows, err);
    } else {
        write_overview(page, &rows);
    }
    add_next(page, group, &rows);
    page_end(page);
    return status;
}

enum status page_transition(struct api *api, const struct request *request, struct reply *reply,
                            struct findings *findings, struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_transition, err);
}
