// SPDX-License-Identifier: MIT
// The sections of an outcome. What needs a person stands open and first; what is left out as it should be is folded,
// with its counts in the summary. A list that is cut links to the page that has all of it.
#include "registryd/web/environment/environment_parts.h"
#include "registryd/web/environment/outcome.h"

#include "registryd/web/pages/records_table.h"
#include "schema/base/list.h"

#include <string.h>

const char *outcome_words(const char *code) {
    static const struct {
        const char *code;
        const char *words;
    } rows[] = {
        {"requires-host", "The host does not meet their requirements"},
        {"requires-python", "They need another Python"},
        {"requires-plugin", "A plugin that they require is missing"},
        {"marker-unknown", "The environment does not state a marker"},
        {"no-compatible-artifact", "No file fits the host"},
        {"quarantined", "Quarantined"},
        {"held", "Held back"},
        {"unknown-permission", "They need a permission that is not listed"},
        {"yanked", "Yanked"},
        {"outside-pin", "Outside the pin"},
        {"too-new", "Younger than the minimum age"},
        {"disabled", "Disabled here"},
        {"frozen", "Not in the lock"},
        {"not-enabled", "Not enabled here"},
        {"prerelease", "Pre-releases"},
        {"superseded", "Replaced by a newer release"},
        {"no-entry-points", "No entry points"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (strcmp(rows[i].code, code) == 0) {
            return rows[i].words;
        }
    }
    return code;
}

// ---- enabled, gets nothing

// To the package's tab that has a reason for each release: the newest one alone seldom tells all.
static const char *reasons_address(struct arena *arena, const char *package,
                                   const char *environment) {
    struct address address;
    address_begin(&address, arena, "/packages");
    address_add_segment(&address, package);
    address_add_segment(&address, "compatibility");
    address_add_query(&address, "environment", environment);
    return address_end(&address);
}

static void add_missing(struct page_context *page, const char *environment,
                        const struct missing *one) {
    struct html *html = page->html;
    html_open(html, "li");
    html_link(html, "a", address_make(page->arena, "/packages", one->package), one->package);
    html_text(html, " ");
    page_badge(html, "bad", one->code);
    html_open(html, "p");
    html_printf(html, "%s. ", one->detail);
    html_link(html, "a", reasons_address(page->arena, one->package, environment),
              "Show the reason of every release");
    html_close(html);
    html_close(html);
}

void outcome_add_missing(struct page_context *page, const char *environment,
                         const struct rules_outcome *outcome) {
    struct html *html = page->html;
    page_open_section(html, "missing", "Enabled, gets nothing");
    if (!outcome->missing_count) {
        page_nothing(html, "Hosts get a release of every package that is enabled or pinned here.");
        html_close(html);
        return;
    }
    html_open(html, "ul.results");
    for (size_t i = 0; i < outcome->missing.count; i++) {
        add_missing(page, environment, &outcome->missing.items[i]);
    }
    html_close(html);
    if (outcome->missing_count > outcome->missing.count) {
        html_open(html, "p.dim");
        html_printf(html, "The first %zu of %zu are shown. The export names all of them.",
                    outcome->missing.count, outcome->missing_count);
        html_close(html);
    }
    html_close(html);
}

// ---- left out

static void add_range(struct page_context *page, const struct release_range *range) {
    struct html *html = page->html;
    html_open(html, "tr");
    html_open(html, "td");
    html_link(html, "a", address_make(page->arena, "/packages", range->newest->package),
              range->newest->package);
    html_printf(html, " %s", range->oldest->version);
    html_text(html, range->count > 1 ? " – " : NULL);
    html_text(html, range->count > 1 ? range->newest->version : NULL);
    html_close(html);
    html_open(html, "td.long");
    html_text(html, range->newest->detail);
    if (range->newest->eligible_at) {
        html_text(html, ". Eligible from ");
        page_moment(html, range->newest->eligible_at);
    }
    html_close(html);
    html_close(html);
}

void outcome_add_ranges(struct page_context *page, const struct left_out *left_out) {
    static const char *const columns[] = {"Releases", "Reason", NULL};
    page_open_table(page->html, outcome_words(left_out->code), columns);
    for (size_t i = 0; i < left_out->count; i++) {
        add_range(page, &left_out->items[i]);
    }
    page_close_table(page->html);
}

// Of the page that holds the first range of a reason.
static void add_link_to_all(struct page_context *page, const char *environment,
                            const struct left_out *one) {
    struct address address;
    const char *number = arena_printf(page->arena, "%zu", one->first / RANGES_ON_A_PAGE + 1);
    address_begin(&address, page->arena, "/environments");
    address_add_segment(&address, environment);
    address_add_segment(&address, "left-out");
    address_add_query(&address, "page", number);
    const char *path = address_end(&address);
    html_open(page->html, "p");
    html_link(page->html, "a", path ? arena_printf(page->arena, "%s#%s", path, one->code) : NULL,
              arena_printf(page->arena, "Show all %zu releases", one->releases));
    html_close(page->html);
}

static void add_reason(struct page_context *page, const char *environment,
                       const struct left_out *one) {
    struct html *html = page->html;
    html_open(html, "details.folded");
    html_attribute(html, "id", arena_printf(page->arena, "left-out-%s", one->code));
    html_open(html, "summary");
    html_printf(html, "%s ", outcome_words(one->code));
    page_badge(html, NULL, one->code);
    html_open(html, "span.count");
    html_printf(html, "%zu release%s of %zu package%s", one->releases,
                one->releases == 1 ? "" : "s", one->packages, one->packages == 1 ? "" : "s");
    html_close(html);
    html_close(html);
    outcome_add_ranges(page, one);
    if (one->ranges > one->count) {
        add_link_to_all(page, environment, one);
    }
    html_close(html);
}

void outcome_add_left_out(struct page_context *page, const char *environment,
                          const struct rules_outcome *outcome) {
    page_open_section(page->html, "left-out", "Left out, by reason");
    if (!outcome->left_out_count) {
        page_nothing(page->html, "No releases are left out.");
    }
    for (size_t i = 0; i < outcome->left_out_count; i++) {
        add_reason(page, environment, &outcome->left_out[i]);
    }
    html_close(page->html);
}

// ---- outdated

// As GET /v1/outdated says: the same groups.
void outcome_add_outdated(struct page_context *page, const char *environment,
                          const struct outdated_list *list) {
    struct html *html = page->html;
    struct address address;
    address_begin(&address, page->arena, "/v1/outdated");
    address_add_query(&address, "environment", environment);
    address_add_query(&address, "group", request_query(page->request, "group"));
    page_open_section(html, "outdated", "Outdated packages");
    records_table_add_outdated(page, list);
    html_open(html, "p.dim");
    html_link(html, "a", address_end(&address), "All outdated packages as JSON");
    html_close(html);
    html_close(html);
}
