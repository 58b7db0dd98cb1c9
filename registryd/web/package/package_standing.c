// SPDX-License-Identifier: MIT
// The answer to "why is it not there?": the package in one environment. It asks the index as hosts do, with reasons.
// Releases that stand beside each other and are left out for one reason are one row, and those that a newer release
// replaces are folded: they are the rule, and what a visitor looks for is the exception.
#include "registryd/web/package/package_parts.h"

#include "registryd/store/store_environments.h"
#include "registryd/web/environment/environment_parts.h"
#include "registryd/web/pages/records_table.h"

#include <string.h>

enum { ENVIRONMENTS_OFFERED = 100 };

// A form with GET: the choice is in the address, so the page can be sent to a colleague.
static enum status add_choice(struct page_context *page, const char *chosen, struct error *err) {
    const struct environments_query first = {.page.limit = ENVIRONMENTS_OFFERED};
    struct environment_rows rows;
    enum status status =
        store_environments_load(page->api->reading, page->arena, &first, &rows, err);
    if (status) {
        return status;
    }
    struct html *html = page->html;
    html_open(html, "form.filters");
    // The page is loaded again with ?environment= and shown from this section on.
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

// A resolution takes one release of a package, so any of its records will do.
static const char *find_taken(const struct selection *selection, const char *package) {
    for (size_t i = 0; i < selection->records.count; i++) {
        const struct record *record = &selection->records.items[i];
        if (record->package && strcmp(record->package, package) == 0) {
            return record->version;
        }
    }
    return NULL;
}

// The ranges of this package alone: those that it requires may be among the exclusions. NULL when out of memory.
static struct release_range *find_stretches(struct arena *arena, const struct selection *selection,
                                            const char *package, size_t *ret_count) {
    size_t found = 0;
    size_t count = 0;
    struct release_range *stretches = release_ranges_find(arena, &selection->excluded, &found);
    for (size_t i = 0; stretches && i < found; i++) {
        if (strcmp(stretches[i].newest->package, package) == 0) {
            stretches[count++] = stretches[i];
        }
    }
    *ret_count = count;
    return stretches;
}

static bool is_superseded(const struct release_range *stretch) {
    return strcmp(stretch->newest->code, "superseded") == 0;
}

static void add_stretches(struct page_context *page, const struct release_range *stretches,
                          size_t count, bool superseded) {
    static const char *const columns[] = {"Releases", "Reason", NULL};
    struct html *html = page->html;
    page_open_table(html, superseded ? "Superseded releases" : "Excluded releases", columns);
    for (size_t i = 0; i < count; i++) {
        const struct release_range *one = &stretches[i];
        if (is_superseded(one) != superseded) {
            continue;
        }
        html_open(html, "tr");
        html_open(html, "td");
        html_text(html, one->oldest->version);
        if (one->count > 1) {
            html_printf(html, " – %s", one->newest->version);
        }
        html_close(html);
        records_table_add_reason(html, one->newest);
        html_close(html);
    }
    page_close_table(html);
}

static void add_reasons(struct page_context *page, const struct selection *selection,
                        const char *package) {
    struct html *html = page->html;
    size_t count = 0;
    size_t superseded = 0;
    size_t superseded_stretches = 0;
    const struct release_range *stretches = find_stretches(page->arena, selection, package, &count);
    for (size_t i = 0; stretches && i < count; i++) {
        superseded += is_superseded(&stretches[i]) ? stretches[i].count : 0;
        superseded_stretches += is_superseded(&stretches[i]);
    }
    if (stretches && count > superseded_stretches) {
        add_stretches(page, stretches, count, false);
    }
    if (stretches && superseded) {
        html_open(html, "details");
        html_open(html, "summary");
        html_printf(html, superseded == 1 ? "%zu older release" : "%zu older releases", superseded);
        html_close(html);
        add_stretches(page, stretches, count, true);
        html_close(html);
    }
}

// What the page shows of the package in one environment.
struct standing {
    const struct environment_detail *environment;
    const struct environment_plugin *plugin; // NULL = nothing is decided
    const char *package;
    const char *taken; // version; NULL = none
};

// The one sentence most visitors come for: which release does this environment get?
static void add_verdict(struct page_context *page, const struct standing *standing) {
    struct html *html = page->html;
    const char *environment = standing->environment->row.name;
    bool is_allowed = standing->plugin && standing->plugin->state == PLUGIN_ALLOWED;
    html_open(html, standing->taken ? "div.banner.good" : "div.banner.warn");
    html_open(html, "p");
    if (standing->taken) {
        html_printf(html, "Release %s is served to ", standing->taken);
    } else {
        html_text(html, "No release fits ");
    }
    html_link(html, "a", address_make(page->arena, "/environments", environment), environment);
    html_text(html, ".");
    html_text(html, standing->taken && is_allowed
                        ? " The user of each host chooses whether it runs."
                        : NULL);
    html_close(html);
    html_close(html);
}

// Hosts obey these two for what they find in their own directories, too. A frozen environment withholds nothing by
// its rules.
static bool is_withheld(const struct standing *standing) {
    enum environment_plugin_state state = standing->plugin ? standing->plugin->state : PLUGIN_UNSET;
    bool has_enabled =
        standing->plugin && environment_entries_have(&standing->plugin->entries, PLUGIN_ENABLED);
    bool is_out = !has_enabled &&
                  (state == PLUGIN_DISABLED ||
                   (state == PLUGIN_UNSET && standing->environment->environment.is_listed_only));
    return is_out && !standing->environment->row.lock_id;
}

static void add_decided(struct page_context *page, const struct standing *standing) {
    struct html *html = page->html;
    const struct environment_plugin *plugin = standing->plugin;
    if (is_withheld(standing)) {
        html_element(html, "p",
                     "Hosts of this environment withhold the package: they do not load "
                     "it from their own directories either.");
    }
    if (!plugin) {
        return;
    }
    html_open(html, "dl");
    html_element(html, "dt", "State");
    html_open(html, "dd");
    environment_plugin_badge(html, plugin);
    html_close(html);
    if (plugin->held_to) {
        html_element(html, "dt", "Pin");
        html_element(html, "dd", plugin->held_to);
    }
    if (plugin->exceptions.count) {
        html_element(html, "dt", "Exceptions");
        html_open(html, "dd");
        environment_exceptions_add(html, &plugin->exceptions);
        html_close(html);
    }
    html_close(html);
}

static void add_switch(struct html *html, const char *state, const char *text,
                       const char *environment) {
    html_open(html, "button");
    html_attribute(html, "name", "state");
    html_attribute(html, "value", state);
    html_printf(html, "%s in %s", text, environment);
    html_close(html);
}

// One form, with a button for each state that the package is not in: the button pressed is the one that is sent. A
// frozen environment refuses changes, so it has none.
static void add_switches(struct page_context *page, const struct standing *standing) {
    struct html *html = page->html;
    const struct environment_row *row = &standing->environment->row;
    enum environment_plugin_state state = standing->plugin ? standing->plugin->state : PLUGIN_UNSET;
    if (row->lock_id || !page_may(page, ACCESS_ENVIRONMENT, row->name)) {
        return;
    }
    const char *path = address_make(page->arena, "/environments", row->name);
    page_open_form(page, path ? arena_printf(page->arena, "%s/plugins", path) : NULL);
    page_hidden(html, "package", standing->package);
    if (!standing->taken || state == PLUGIN_ALLOWED) {
        add_switch(html, "enabled", "Enable", row->name);
    }
    if (standing->taken) {
        add_switch(html, "disabled", "Disable", row->name);
    }
    if (state != PLUGIN_ALLOWED) {
        add_switch(html, "allowed", "Offer", row->name);
    }
    html_close(html);
}

// Asks the index as hosts do, with reasons.
enum status package_add_standing(struct page_context *page, const struct package_view *view,
                                 struct error *err) {
    const char *package = view->detail->package.name;
    const char *chosen = request_query(page->request, "environment");
    const char *name = chosen ? chosen : ENVIRONMENT_DEFAULT;
    struct resolve_query query = {.environment = name, .explain = true};
    struct selection selection = {0};
    struct environment_detail environment;
    // A release without entry points is in no resolution.
    if (!view->release->entry_point_count) {
        return STATUS_OK;
    }
    enum status status =
        index_select_package(page->api->index, &query, package, page->arena, &selection, err);
    if (status) {
        return status;
    }
    status = store_environment_load(page->api->reading, page->arena, name, 0, &environment, err);
    if (status) {
        return status;
    }
    const struct standing standing = {
        .environment = &environment,
        .plugin = environment_find_plugin(&environment.environment, package),
        .package = package,
        .taken = find_taken(&selection, package)};
    page_open_section(page->html, "standing", "In environments");
    status = add_choice(page, name, err);
    add_verdict(page, &standing);
    add_decided(page, &standing);
    environment_entries_add(page, standing.plugin, standing.plugin ? 1 : 0);
    add_switches(page, &standing);
    add_reasons(page, &selection, package);
    html_close(page->html);
    return status;
}
