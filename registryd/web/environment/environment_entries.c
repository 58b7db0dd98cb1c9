// SPDX-License-Identifier: MIT
// Rules about single entry points stand below the table of packages, as few entry points have any. Settings are not
// shown here, only that there are some: they may be secret, and the form of the package's settings has them.
#include "registryd/web/environment/environment_parts.h"

#include "registryd/web/entries/entries.h"

enum { RULES_SHOWN = 200 };

static void add_deprecated(struct page_context *page, const struct environment_entry *entry) {
    struct html *html = page->html;
    html_open(html, "td.long");
    if (entry->deprecated) {
        page_badge(html, "warn", "deprecated");
        html_text(html, entry->deprecated);
        entries_successor_add(page, entry->successor);
    } else {
        html_text(html, "–");
    }
    html_close(html);
}

static void add_rule(struct page_context *page, const char *package,
                     const struct environment_entry *entry) {
    struct html *html = page->html;
    const struct environment_plugin state = {.state = entry->state};
    html_open(html, "tr");
    html_open(html, "td");
    html_link(html, "a", address_make(page->arena, "/packages", package), package);
    html_close(html);
    html_open(html, "td");
    html_element(html, "strong", entry->name);
    html_text(html, " in ");
    html_link(html, "a", address_make(page->arena, "/groups", entry->group), entry->group);
    html_close(html);
    html_open(html, "td");
    environment_plugin_badge(html, &state);
    html_close(html);
    page_cell(html, entry->pin);
    page_cell(html, entry->settings || entry->secrets.count ? "set" : NULL);
    add_deprecated(page, entry);
    html_close(html);
}

static size_t count_rules(const struct environment_plugin *plugins, size_t count) {
    size_t rules = 0;
    for (size_t i = 0; i < count; i++) {
        rules += plugins[i].entries.count;
    }
    return rules;
}

void environment_entries_add(struct page_context *page, const struct environment_plugin *plugins,
                             size_t count) {
    static const char *const columns[] = {"Package",  "Entry point", "State", "Pin",
                                          "Settings", "Deprecated",  NULL};
    size_t total = count_rules(plugins, count);
    size_t shown = 0;
    if (!total) {
        return;
    }
    html_element(page->html, "h3", "Rules about single entry points");
    page_open_table(page->html, "Rules about single entry points", columns);
    for (size_t i = 0; i < count; i++) {
        const struct environment_entries *entries = &plugins[i].entries;
        for (size_t j = 0; j < entries->count && shown < RULES_SHOWN; j++, shown++) {
            add_rule(page, plugins[i].package, &entries->items[j]);
        }
    }
    page_close_table(page->html);
    if (total > shown) {
        html_open(page->html, "p.dim");
        html_printf(page->html, "The first %zu of %zu rules are shown.", shown, total);
        html_close(page->html);
    }
}
