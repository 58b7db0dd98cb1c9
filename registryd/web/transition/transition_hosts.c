// SPDX-License-Identifier: MIT
// A line a host, those that differ first, because they are what is left to do. The sparkline counts differences alone:
// a line on the ground is a host that agrees. A group's page has a plot of each host beside it, all of one size, so that
// hosts can be compared at a glance.
#include "registryd/web/frame/component.h"
#include "registryd/web/frame/plot.h"
#include "registryd/web/transition/transition_parts.h"
#include "schema/base/cleanup.h"

#include <stdlib.h>
#include <string.h>

enum { SPARK_WIDTH = 96, SPARK_HEIGHT = 24, SPARK_POINTS = 64, SPARK_BYTES_MAX = 4096 };

static size_t read_spark(const char *text, int64_t counts[SPARK_POINTS]) {
    size_t count = 0;
    for (char *end = NULL; text && *text && count < SPARK_POINTS; text = end) {
        counts[count++] = strtoll(text, &end, 10);
        while (*end == '\n') {
            end++;
        }
    }
    return count;
}

// Reports are evenly spread, whenever they came: what matters is their order. A single one is a level line.
static void add_spark(struct page_context *page, const struct host_row *host) {
    int64_t counts[SPARK_POINTS];
    size_t count = read_spark(host->spark, counts);
    int64_t most = 1;
    scoped(buffer_done) struct buffer points;
    buffer_init(&points, SPARK_BYTES_MAX);
    for (size_t i = 0; i < count; i++) {
        most = counts[i] > most ? counts[i] : most;
    }
    for (size_t i = 0; i < count; i++) {
        int x = count > 1 ? (int)(i * (SPARK_WIDTH - 4) / (count - 1)) + 2 : 2;
        int y = SPARK_HEIGHT - 2 - (int)(counts[i] * (SPARK_HEIGHT - 4) / most);
        buffer_printf(&points, "%s%d,%d", i ? " " : "", x, y);
        if (count == 1) {
            buffer_printf(&points, " %d,%d", SPARK_WIDTH - 2, y);
        }
    }
    html_open(page->html, "svg.spark");
    html_attribute(page->html, "viewBox", "0 0 96 24");
    html_attribute(page->html, "role", "img");
    html_attribute(
        page->html, "aria-label",
        arena_printf(page->arena, "Differences in the last %zu report%s of %s: from %lld to %lld",
                     count, count == 1 ? "" : "s", host->host, count ? (long long)counts[0] : 0,
                     count ? (long long)counts[count - 1] : 0));
    html_open(page->html, "polyline");
    html_attribute(page->html, "points", points.failed || !count ? "" : points.ptr);
    html_close(page->html);
    html_close(page->html);
}

// "host-" and the place on the page: names of hosts are no ids.
static const char *host_id(struct page_context *page, size_t place) {
    return arena_printf(page->arena, "host-%zu", place + 1);
}

static void add_name(struct page_context *page, const struct host_row *host, size_t place,
                     bool has_plot) {
    struct html *html = page->html;
    html_open(html, "td");
    if (has_plot) {
        html_link(html, "a", arena_printf(page->arena, "#%s", host_id(page, place)), host->host);
    } else {
        html_text(html, host->host);
    }
    html_text(html, " ");
    html_element(html, "span.dim", host->environment);
    html_close(html);
}

static void add_group(struct page_context *page, const struct host_row *host) {
    html_open(page->html, "td");
    html_link(page->html, "a",
              transition_address(page, &(struct hosts_filter){.group = host->group}, 1),
              host->group);
    html_close(page->html);
}

static void add_host(struct page_context *page, const struct transition_view *view, size_t place) {
    const struct host_row *host = &view->hosts.items[place];
    struct html *html = page->html;
    html_open(html, "tr");
    add_name(page, host, place, view->group && place < HOSTS_PLOTTED);
    if (!view->group) {
        add_group(page, host);
    }
    html_open(html, "td");
    transition_add_state(html, host->state);
    html_close(html);
    html_open(html, "td.trend");
    html_printf(html, "%lld ", (long long)host->differences);
    add_spark(page, host);
    html_close(html);
    html_open(html, "td");
    page_moment(html, host->since);
    html_close(html);
    html_open(html, "td");
    page_time(html, host->last_report_at);
    html_printf(html, " by %s", host->reported_by);
    html_close(html);
    html_close(html);
}

static size_t shown(const struct transition_view *view) {
    return view->hosts.count < HOSTS_ON_A_PAGE ? view->hosts.count : HOSTS_ON_A_PAGE;
}

void transition_add_hosts(struct page_context *page, const struct transition_view *view) {
    static const char *const of_all[] = {"Host",  "Group",       "State", "Differences",
                                         "Since", "Last report", NULL};
    static const char *const of_group[] = {"Host",  "State",       "Differences",
                                           "Since", "Last report", NULL};
    page_open_section(page->html, "hosts", "Hosts");
    if (!view->hosts.count) {
        page_nothing(page->html, "No host is in this state.");
        html_close(page->html);
        return;
    }
    page_open_table(page->html, "Hosts, those that differ first", view->group ? of_group : of_all);
    for (size_t i = 0; i < shown(view); i++) {
        add_host(page, view, i);
    }
    page_close_table(page->html);
    if (view->hosts.count > HOSTS_ON_A_PAGE) {
        page_next(page->html, transition_address(page, &view->filter, view->number + 1));
    }
    html_close(page->html);
}

// ---- plots ----

static void add_plot(struct page_context *page, const struct host_row *host,
                     const struct report_points *points, size_t place) {
    struct html *html = page->html;
    html_open(html, "li");
    html_attribute(html, "id", host_id(page, place));
    html_element(html, "h3", host->host);
    html_open(html, "p");
    transition_add_state(html, host->state);
    html_printf(html, "%s · %lld report%s", host->environment, (long long)host->report_count,
                host->report_count == 1 ? "" : "s");
    if (strcmp(host->state, "waiting") == 0) {
        html_text(html, " · safe after ");
        page_moment(html, host->safe_after);
    }
    html_close(html);
    plot_add(html, points,
             arena_printf(page->arena, "%zu report%s of %s: walk and registry; the last one %s",
                          points->count, points->count == 1 ? "" : "s", host->host,
                          strcmp(host->state, "differs") == 0 ? "differs" : "agrees"));
    html_close(html);
}

// Each plot is a statement of its own, so there are few.
enum status transition_add_plots(struct page_context *page, const struct transition_view *view,
                                 struct error *err) {
    size_t count = shown(view) < HOSTS_PLOTTED ? shown(view) : HOSTS_PLOTTED;
    if (!count) {
        return STATUS_OK;
    }
    page_open_section(page->html, "plots", "Walk and registry over time");
    plot_add_legend(page->html);
    html_open(page->html, "ul.plots");
    for (size_t i = 0; i < count; i++) {
        const struct host_row *host = &view->hosts.items[i];
        const struct transition_row row = {
            .group = host->group, .host = host->host, .environment = host->environment};
        struct report_points points = {0};
        enum status status =
            store_report_history_load(page->api->reading, page->arena, &row, &points, err);
        if (status) {
            return status;
        }
        add_plot(page, host, &points, i);
    }
    html_close(page->html);
    if (shown(view) > count) {
        page_nothing(page->html, "Filter by team or state to see the plots of other hosts.");
    }
    html_close(page->html);
    return STATUS_OK;
}
