// SPDX-License-Identifier: MIT
// Drawn on the server, so that the plot needs no script and no style of its own, which the content security policy
// would refuse. Coordinates are tenths of a unit in integers: printing them never depends on the locale. The
// x axis is time, the y axis counts from zero; both lines share it, so that their distance means something.
#include "registryd/web/frame/plot.h"

#include <stdio.h>
#include <time.h>

// Units of the viewBox; the style sheet scales the picture to the page.
enum {
    WIDTH = 340, // of the drawing, in its own units; small, so that text is not shrunk on a phone
    HEIGHT = 140,
    LEFT = 34, // for the numbers of the axis
    RIGHT = 12,
    TOP = 10,
    BOTTOM = 26, // for the dates
    NUMBER_SIZE = 32,
    SHORT_MS = 2 * 24 * 60 * 60 * 1000, // two days: such a span has hours on its axis
    PATH_BYTES_MAX = 65536
};

struct scale {
    struct html *html;
    int64_t from_ms; // of the first report
    int64_t to_ms;
    int64_t most; // entry points at the top
};

// A single report stands in the middle.
static double x_of(const struct scale *scale, int64_t at_ms) {
    double span = (double)(scale->to_ms - scale->from_ms);
    double part = span > 0 ? (double)(at_ms - scale->from_ms) / span : 0.5;
    return LEFT + part * (WIDTH - LEFT - RIGHT);
}

static double y_of(const struct scale *scale, int64_t count) {
    double part = scale->most ? (double)count / (double)scale->most : 0;
    return HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM);
}

// What each side had: entry points that are equal, those that differ, and its own.
static int64_t walk_of(const struct report_point *point) {
    return point->same + point->changed + point->only_walk;
}

static int64_t registry_of(const struct report_point *point) {
    return point->same + point->changed + point->only_registry;
}

static int64_t differences_of(const struct report_point *point) {
    return point->only_walk + point->only_registry + point->changed;
}

// The axis reaches at least 1, so nothing is divided by zero when both sides are empty.
static struct scale make_scale(struct html *html, const struct report_points *points) {
    struct scale scale = {html, points->items[0].at_ms, points->items[points->count - 1].at_ms, 1};
    for (size_t i = 0; i < points->count; i++) {
        int64_t walk = walk_of(&points->items[i]);
        int64_t registry = registry_of(&points->items[i]);
        scale.most = walk > scale.most ? walk : scale.most;
        scale.most = registry > scale.most ? registry : scale.most;
    }
    return scale;
}

static void add_number(struct html *html, const char *name, double number) {
    char text[NUMBER_SIZE];
    // without printf's locale
    int tenths = (int)(number * 10 + 0.5);
    snprintf(text, sizeof text, "%d.%d", tenths / 10, tenths % 10);
    html_attribute(html, name, text);
}

static void add_label(struct html *html, double x, double y, const char *anchor, const char *text) {
    html_open(html, "text");
    add_number(html, "x", x);
    add_number(html, "y", y);
    html_attribute(html, "text-anchor", anchor);
    html_text(html, text);
    html_close(html);
}

// Two lines, 0 and the largest count, and the first and last time: enough for a plot of this size.
static void add_axis(const struct scale *scale) {
    struct html *html = scale->html;
    const int64_t counts[] = {0, scale->most};
    char text[NUMBER_SIZE];
    for (size_t i = 0; i < 2; i++) {
        html_open(html, "line.axis");
        add_number(html, "x1", LEFT);
        add_number(html, "x2", WIDTH - RIGHT);
        add_number(html, "y1", y_of(scale, counts[i]));
        add_number(html, "y2", y_of(scale, counts[i]));
        html_close(html);
        snprintf(text, sizeof text, "%lld", (long long)counts[i]);
        add_label(html, LEFT - 6, y_of(scale, counts[i]) + 4, "end", text);
    }
    const int64_t ends[] = {scale->from_ms, scale->to_ms};
    bool is_short = scale->to_ms - scale->from_ms < SHORT_MS;
    for (size_t i = 0; i < 2; i++) {
        time_t seconds = (time_t)(ends[i] / 1000);
        struct tm tm;
        if (!gmtime_r(&seconds, &tm) ||
            !strftime(text, sizeof text, is_short ? "%m-%d %H:%M" : "%Y-%m-%d", &tm)) {
            continue;
        }
        add_label(html, i ? WIDTH - RIGHT : LEFT, HEIGHT - 8, i ? "end" : "start", text);
    }
}

// A line that does not fit the buffer is left out, not cut.
static void add_line(const struct scale *scale, const char *element,
                     const struct report_points *points,
                     int64_t (*count_of)(const struct report_point *)) {
    struct buffer path;
    buffer_init(&path, PATH_BYTES_MAX);
    for (size_t i = 0; i < points->count; i++) {
        int x = (int)(x_of(scale, points->items[i].at_ms) * 10);
        int y = (int)(y_of(scale, count_of(&points->items[i])) * 10);
        buffer_printf(&path, "%s%d.%d,%d.%d", i ? " " : "", x / 10, x % 10, y / 10, y % 10);
    }
    html_open(scale->html, element);
    html_attribute(scale->html, "points", path.failed ? "" : path.ptr);
    html_close(scale->html);
    buffer_done(&path);
}

// The time since which every report was equal, as a band behind the lines.
// It begins at the first report of the last unbroken run of equal ones.
static void add_band(const struct scale *scale, const struct report_points *points) {
    size_t first = points->count;
    while (first > 0 && points->items[first - 1].equal) {
        first--;
    }
    if (first == points->count) {
        return;
    }
    double from = x_of(scale, points->items[first].at_ms);
    html_open(scale->html, "rect.band");
    add_number(scale->html, "x", from);
    add_number(scale->html, "y", TOP);
    add_number(scale->html, "width", WIDTH - RIGHT - from > 2 ? WIDTH - RIGHT - from : 2);
    add_number(scale->html, "height", HEIGHT - TOP - BOTTOM);
    html_close(scale->html);
}

// Circles on top of the lines, so that a single report that differs is seen between many that agree.
static void add_differences(const struct scale *scale, const struct report_points *points) {
    for (size_t i = 0; i < points->count; i++) {
        const struct report_point *point = &points->items[i];
        if (!differences_of(point)) {
            continue;
        }
        html_open(scale->html, "circle.differences");
        add_number(scale->html, "cx", x_of(scale, point->at_ms));
        add_number(scale->html, "cy", y_of(scale, walk_of(point)));
        add_number(scale->html, "r", 3);
        html_close(scale->html);
    }
}

void plot_add(struct html *html, const struct report_points *points, const char *label) {
    if (!points->count) {
        return;
    }
    struct scale scale = make_scale(html, points);
    html_open(html, "svg.plot");
    html_attribute(html, "viewBox", "0 0 340 140");
    html_attribute(html, "role", "img");
    html_attribute(html, "aria-label", label);
    add_band(&scale, points);
    add_axis(&scale);
    add_line(&scale, "polyline.walk", points, walk_of);
    add_line(&scale, "polyline.registry", points, registry_of);
    add_differences(&scale, points);
    html_close(html);
}

// A shape ignores attributes that it does not have, so all keys are made by one function.
static void add_key(struct html *html, const char *element, const char *text) {
    html_open(html, "li");
    html_open(html, "svg.plot");
    html_attribute(html, "viewBox", "0 0 40 14");
    html_attribute(html, "aria-hidden", "true");
    html_open(html, element);
    html_attribute(html, "points", "0,7 40,7");
    html_attribute(html, "cx", "20");
    html_attribute(html, "cy", "7");
    html_attribute(html, "r", "4");
    html_attribute(html, "width", "40");
    html_attribute(html, "height", "14");
    html_close(html);
    html_close(html);
    html_text(html, text);
    html_close(html);
}

void plot_add_legend(struct html *html) {
    html_open(html, "ul.legend");
    add_key(html, "polyline.walk", "found by the walk");
    add_key(html, "polyline.registry", "in the registry");
    add_key(html, "circle.differences", "a report that differs");
    add_key(html, "rect.band", "every report agrees");
    html_close(html);
}
