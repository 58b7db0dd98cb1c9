// SPDX-License-Identifier: MIT
// What an environment states of its hosts, and its policy. Facts that are not stated are shown as "any": they exclude
// nothing.
#include "registryd/web/environment/environment_parts.h"

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

void environment_facts_add(struct page_context *page, const struct environment *environment) {
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
