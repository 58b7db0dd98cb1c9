// SPDX-License-Identifier: MIT
// Hosts of one kind have the same plugins, so they differ in the same names. Each set of names is told once, with the
// hosts that report it. Kinds that are no difference (shadowed, broken, withheld) come last and are said to be none.
#include "registryd/web/frame/component.h"
#include "registryd/web/transition/transition_parts.h"
#include "schema/base/list.h"

#include <string.h>

static const struct {
    const char *key;
    const char *words;
    bool is_difference;
} kinds[] = {{"only_walk", "found only by the walk", true},
             {"only_registry", "only in the registry", true},
             {"value", "another value", true},
             {"version", "another version", true},
             {"manifest", "another manifest", false},
             {"unknown_version", "without a known version", false},
             {"shadowed", "shadowed by other directories", false},
             {"invalid", "invalid in the directories", false},
             {"withheld", "withheld by a decision of the registry", false}};

static void add_kind(struct html *html, const char *key) {
    html_open(html, "td");
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (strcmp(kinds[i].key, key) == 0) {
            html_text(html, kinds[i].words);
            if (!kinds[i].is_difference) {
                html_element(html, "span.dim", " (no difference)");
            }
            html_close(html);
            return;
        }
    }
    html_text(html, key);
    html_close(html);
}

static void add_names(struct html *html, const struct common_difference *difference) {
    html_open(html, "td");
    for (size_t i = 0; i < difference->names.count; i++) {
        html_text(html, i ? ", " : NULL);
        page_code(html, difference->names.items[i]);
    }
    if (difference->name_count > (int64_t)difference->names.count) {
        html_printf(html, " and %lld more",
                    (long long)(difference->name_count - (int64_t)difference->names.count));
    }
    html_close(html);
}

static void add_hosts(struct html *html, const struct common_difference *difference) {
    html_open(html, "td");
    html_printf(html, "%lld host%s: ", (long long)difference->host_count,
                difference->host_count == 1 ? "" : "s");
    for (size_t i = 0; i < difference->hosts.count; i++) {
        html_text(html, i ? ", " : NULL);
        html_text(html, difference->hosts.items[i]);
    }
    html_text(html, difference->host_count > (int64_t)difference->hosts.count ? " and more" : NULL);
    html_close(html);
}

void transition_add_differences(struct page_context *page, const struct transition_view *view) {
    static const char *const of_all[] = {"Difference", "Entry points", "Hosts", "Group", NULL};
    static const char *const of_group[] = {"Difference", "Entry points", "Hosts", NULL};
    struct html *html = page->html;
    page_open_section(html, "differences", "What differs");
    if (!view->differences.count) {
        page_nothing(html, "No differences.");
        html_close(html);
        return;
    }
    page_open_table(html, "What differs, with the hosts that report it",
                    view->group ? of_group : of_all);
    for (size_t i = 0; i < view->differences.count; i++) {
        const struct common_difference *difference = &view->differences.items[i];
        html_open(html, "tr");
        add_kind(html, difference->kind);
        add_names(html, difference);
        add_hosts(html, difference);
        if (!view->group) {
            page_cell(html, difference->group);
        }
        html_close(html);
    }
    page_close_table(html);
    html_close(html);
}
