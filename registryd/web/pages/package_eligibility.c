// SPDX-License-Identifier: MIT
// The answer to "why is it not there?": the package in one environment, release by release.
#include "registryd/web/pages/package_parts.h"

#include "registryd/store/store_environments.h"

enum {
    ENVIRONMENTS_OFFERED = 100,
    // Each group that nobody asked for since the daemon began is loaded first. Which release an environment
    // takes does not depend on the group, but for contracts, so a few stand for all.
    GROUPS_ASKED = 20,
};

static enum status add_choice(struct page_context *page, const char *chosen, struct error *err) {
    struct page first = {.limit = ENVIRONMENTS_OFFERED};
    struct environment_rows rows;
    enum status status = store_environments_load(page->api->store, page->arena, &first, &rows, err);
    if (status) {
        return status;
    }
    struct html *html = page->html;
    html_open(html, "form.filters");
    html_attribute(html, "action", "#standing");
    html_open(html, "label.field");
    html_element(html, "span", "Environment");
    html_open(html, "select");
    html_attribute(html, "name", "environment");
    for (size_t i = 0; i < rows.count; i++) {
        html_open(html, "option");
        html_attribute(html, "selected", strcmp(rows.items[i].name, chosen) == 0 ? "" : NULL);
        html_text(html, rows.items[i].name);
        html_close(html);
    }
    html_close(html);
    html_close(html);
    html_element(html, "button", "Show");
    html_close(html);
    return STATUS_OK;
}

static const char *find_taken(const struct selection *selection, const char *package) {
    for (size_t i = 0; i < selection->records.count; i++) {
        const struct record *record = &selection->records.items[i];
        if (record->package && strcmp(record->package, package) == 0) {
            return record->version;
        }
    }
    return NULL;
}

static void add_reasons(struct page_context *page, const struct selection *selection,
                        const char *package) {
    static const char *const columns[] = {"Release", "Reason", NULL};
    struct html *html = page->html;
    page_open_table(html, "Excluded releases", columns);
    for (size_t i = 0; i < selection->excluded.count; i++) {
        const struct exclusion *one = &selection->excluded.items[i];
        if (strcmp(one->package, package) == 0) {
            html_open(html, "tr");
            page_cell(html, one->version);
            html_open(html, "td.long");
            page_badge(html, strcmp(one->code, "superseded") == 0 ? NULL : "warn", one->code);
            html_text(html, one->detail);
            html_close(html);
            html_close(html);
        }
    }
    page_close_table(html);
}

static bool has_reasons(const struct selection *selection, const char *package) {
    for (size_t i = 0; i < selection->excluded.count; i++) {
        if (strcmp(selection->excluded.items[i].package, package) == 0) {
            return true;
        }
    }
    return false;
}

static void add_verdict(struct page_context *page, const char *taken, const char *environment) {
    struct html *html = page->html;
    html_open(html, taken ? "div.banner.good" : "div.banner.warn");
    html_open(html, "p");
    if (taken) {
        html_printf(html, "Release %s is served to ", taken);
    } else {
        html_text(html, "No release fits ");
    }
    html_link(html, "a", address_make(page->arena, "/environments", environment), environment);
    html_text(html, ".");
    html_close(html);
    html_close(html);
}

// One button: what is not there is enabled, what is there is disabled.
static void add_switch(struct page_context *page, const char *taken, const char *package,
                       const char *environment) {
    struct html *html = page->html;
    if (!page_may(page, ACCESS_ENVIRONMENT, environment)) {
        return;
    }
    const char *path = address_make(page->arena, "/environments", environment);
    page_open_form(page, path ? arena_printf(page->arena, "%s/plugins", path) : NULL);
    page_hidden(html, "package", package);
    page_hidden(html, "state", taken ? "disabled" : "enabled");
    html_open(html, "button");
    html_printf(html, "%s in %s", taken ? "Disable" : "Enable", environment);
    html_close(html);
    html_close(html);
}

enum status package_add_standing(struct page_context *page, const struct package_view *view,
                                 struct error *err) {
    const char *package = view->detail->package.name;
    const char *chosen = request_query(page->request, "environment");
    const char *environment = chosen ? chosen : ENVIRONMENT_DEFAULT;
    struct resolve_query query = {.environment = environment, .explain = true};
    struct selection selection = {0};
    if (!view->release->entry_point_count) {
        return STATUS_OK;
    }
    enum status status =
        index_select_package(page->api->index, &query, package, page->arena, &selection, err);
    if (status) {
        return status;
    }
    page_open_section(page->html, "standing", "In environments");
    status = add_choice(page, environment, err);
    add_verdict(page, find_taken(&selection, package), environment);
    add_switch(page, find_taken(&selection, package), package, environment);
    if (has_reasons(&selection, package)) {
        add_reasons(page, &selection, package);
    }
    html_close(page->html);
    return status;
}
