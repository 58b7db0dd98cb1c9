// SPDX-License-Identifier: MIT
// The whole move: how many hosts report, and how many of them agree, over time. A host that differs again counts from
// the moment on at which it agrees again, so the line never promises what a host has lost. Coordinates are integers.
#include "registryd/web/transition/transition_parts.h"
#include "schema/base/cleanup.h"

#include <time.h>

enum { WIDTH = 340, HEIGHT = 90, MARGIN = 4, POINTS_BYTES_MAX = 16384 };

static void add_line(struct html *html, const char *element, const struct progress_points *points,
                     bool is_total) {
    int64_t most = points->items[points->count - 1].hosts_total;
    scoped(buffer_done) struct buffer line;
    buffer_init(&line, POINTS_BYTES_MAX);
    for (size_t i = 0; i < points->count; i++) {
        int64_t count = is_total ? points->items[i].hosts_total : points->items[i].hosts_equal;
        int64_t x = MARGIN + (int64_t)i * (WIDTH - 2 * MARGIN) / (int64_t)(points->count - 1);
        int64_t y = HEIGHT - MARGIN - count * (HEIGHT - 2 * MARGIN) / (most > 0 ? most : 1);
        buffer_printf(&line, "%s%lld,%lld", i ? " " : "", (long long)x, (long long)y);
    }
    html_open(html, element);
    html_attribute(html, "points", line.failed ? "" : line.ptr);
    html_close(html);
}

static const char *moment_of(struct page_context *page, int64_t at_ms) {
    time_t seconds = (time_t)(at_ms / 1000);
    struct tm tm;
    char text[32];
    return gmtime_r(&seconds, &tm) && strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm)
               ? arena_printf(page->arena, "%s", text)
               : NULL;
}

// Dates are text beside the drawing: they keep their size when the drawing shrinks.
void transition_add_progress(struct page_context *page, const struct transition_view *view) {
    const struct progress_points *points = &view->progress;
    struct html *html = page->html;
    if (points->count < 2) {
        return;
    }
    const struct progress_point *last = &points->items[points->count - 1];
    page_open_section(html, "progress", "Progress");
    html_open(html, "svg.plot.move");
    html_attribute(html, "viewBox", "0 0 340 90");
    html_attribute(html, "role", "img");
    html_attribute(html, "aria-label",
                   arena_printf(page->arena, "Hosts that agree, over time: %lld of %lld now",
                                (long long)last->hosts_equal, (long long)last->hosts_total));
    add_line(html, "polyline.registry", points, true);
    add_line(html, "polyline.walk", points, false);
    html_close(html);
    html_open(html, "p.dim");
    page_moment(html, moment_of(page, points->items[0].at_ms));
    html_printf(html,
                " to now. The solid line counts the hosts that agree (%lld), the dashed line those "
                "that report (%lld).",
                (long long)last->hosts_equal, (long long)last->hosts_total);
    html_close(html);
    html_close(html);
}
