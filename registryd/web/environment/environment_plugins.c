// SPDX-License-Identifier: MIT
// "Allowed" is a third state beside enabled and disabled: the package is served, and the user of each host chooses
// whether it runs. An exception stays in the document when it has ended, so the page says which ones have; the end is
// judged by this daemon's clock, as the selection does.
#include "registryd/web/environment/environment_parts.h"

#include "registryd/web/forms/forms.h"
#include "registryd/web/pages/selection_part.h"

#include "schema/base/clock.h"
#include "schema/environment/environment_settings.h"

void environment_plugin_badge(struct html *html, const struct environment_plugin *plugin) {
    static const struct {
        const char *kind;
        const char *text;
    } badges[] = {[PLUGIN_ENABLED] = {"good", "enabled"},
                  [PLUGIN_DISABLED] = {"bad", "disabled"},
                  [PLUGIN_ALLOWED] = {NULL, "allowed"}};
    if (!plugin || plugin->state == PLUGIN_UNSET) {
        html_text(html, "–");
        return;
    }
    page_badge(html, badges[plugin->state].kind, badges[plugin->state].text);
}

static void add_exception(struct html *html, const struct environment_exception *exception,
                          bool is_over) {
    html_open(html, "li");
    page_badge(html, is_over ? NULL : "warn", exception->code);
    html_text(html, is_over ? "ended " : "until ");
    page_moment(html, exception->until);
    html_printf(html, ": %s", exception->reason);
    if (exception->by) {
        html_open(html, "span.dim");
        html_printf(html, " (by %s)", exception->by);
        html_close(html);
    }
    html_close(html);
}

void environment_exceptions_add(struct html *html,
                                const struct environment_exceptions *exceptions) {
    int64_t now_ms = unix_ms();
    if (!exceptions->count) {
        html_text(html, "–");
        return;
    }
    html_open(html, "ul.plain-list");
    for (size_t i = 0; i < exceptions->count; i++) {
        add_exception(html, &exceptions->items[i], exceptions->items[i].until_ms <= now_ms);
    }
    html_close(html);
}

// With marks in the place of secrets, and for those who may read settings alone.
static void add_settings(struct page_context *page, const char *name,
                         const struct environment_plugin *plugin, bool may_read) {
    const char *settings =
        plugin->settings && may_read ? environment_masked_settings(page->arena, plugin) : NULL;
    if (settings) {
        page_json(page, "Settings", settings);
    } else {
        html_text(page->html, plugin->settings ? "not shown" : "–");
    }
    if (may_read) {
        struct address address;
        address_begin(&address, page->arena, "/environments");
        address_add_segment(&address, name);
        address_add_segment(&address, "plugins");
        address_add_segment(&address, plugin->package);
        address_add_segment(&address, "settings");
        html_open(page->html, "p");
        html_link(page->html, "a", address_end(&address), "Open settings");
        if (plugin->secrets.count) {
            html_printf(page->html, " (secrets that are set: %zu)", plugin->secrets.count);
        }
        html_close(page->html);
    }
}

// What is decided in an environment, by whom, and what of it may be shown.
struct environment_decisions {
    const struct environment *environment;
    const struct environment_marks *marks;
    bool may_read; // settings
};

static void add_mark(struct html *html, const struct environment_mark *mark) {
    html_open(html, "td");
    if (mark) {
        html_printf(html, "%s, ", mark->by ? mark->by : "unknown");
        page_time(html, mark->since);
    } else {
        html_text(html, "–");
    }
    html_close(html);
}

static void add_plugin(struct page_context *page, const struct environment_decisions *all,
                       const struct environment_plugin *plugin) {
    struct html *html = page->html;
    const char *name = all->environment->name;
    html_open(html, "tr");
    html_open(html, "td");
    html_link(html, "a", address_make(page->arena, "/packages", plugin->package), plugin->package);
    html_close(html);
    html_open(html, "td");
    environment_plugin_badge(html, plugin);
    html_close(html);
    page_cell(html, plugin->pin);
    html_open(html, "td.long");
    environment_exceptions_add(html, &plugin->exceptions);
    html_close(html);
    html_open(html, "td.long");
    html_attribute(html, "id", arena_printf(page->arena, "settings-%s", plugin->package));
    add_settings(page, name, plugin, all->may_read);
    html_close(html);
    add_mark(html, environment_marks_find(all->marks, plugin->package));
    html_close(html);
}

static void add_form(struct page_context *page, const char *name) {
    static const char *const states[] = {"enabled", "disabled", "allowed", NULL};
    struct html *html = page->html;
    const char *path = address_make(page->arena, "/environments", name);
    if (!page_may(page, ACCESS_ENVIRONMENT, name)) {
        return;
    }
    page_open_form(page, path ? arena_printf(page->arena, "%s/plugins", path) : NULL);
    page_field(html, &(struct page_field){.label = "Package", .name = "package"});
    page_choice(html, &(struct page_field){.label = "State", .name = "state", .none = "by policy"},
                states);
    page_field(html, &(struct page_field){.label = "Pin", .name = "pin", .placeholder = "==1.2"});
    // An empty field for the pin removes the pin here (page_changing.c).
    page_hidden(html, "clears_pin", "1");
    html_element(html, "button", "Save");
    html_close(html);
}

static void add_table(struct page_context *page, const struct environment_decisions *all) {
    static const char *const columns[] = {"Package",  "State", "Pin", "Exceptions",
                                          "Settings", "By",    NULL};
    const struct environment *environment = all->environment;
    if (!environment->plugin_count) {
        page_nothing(page->html,
                     "No package is enabled, disabled or pinned here. The policy applies to all.");
        return;
    }
    page_open_table(page->html, "Plugins", columns);
    for (size_t i = 0; i < environment->plugin_count && i < RECORDS_ON_A_PAGE; i++) {
        add_plugin(page, all, &environment->plugins[i]);
    }
    page_close_table(page->html);
    if (environment->plugin_count > RECORDS_ON_A_PAGE) {
        html_open(page->html, "p.dim");
        html_printf(page->html, "The first %d of %zu packages are shown. ", RECORDS_ON_A_PAGE,
                    environment->plugin_count);
        html_link(page->html, "a", address_make(page->arena, "/v1/environments", environment->name),
                  "All of them as JSON");
        html_close(page->html);
    }
}

static bool has_allowed(const struct environment *environment) {
    for (size_t i = 0; i < environment->plugin_count; i++) {
        if (environment->plugins[i].state == PLUGIN_ALLOWED) {
            return true;
        }
    }
    return false;
}

// The rules of a frozen environment stay, and an archived one has no hosts: there is nothing to save.
void environment_plugins_add(struct page_context *page, const struct environment_detail *detail,
                             const struct environment_marks *marks, bool may_read) {
    struct html *html = page->html;
    const struct environment_decisions all = {&detail->environment, marks, may_read};
    page_open_section(html, "decisions", "What was decided");
    add_table(page, &all);
    environment_entries_add(page, detail->environment.plugins, detail->environment.plugin_count);
    if (has_allowed(&detail->environment)) {
        html_element(html, "p.dim",
                     "An allowed package is served. The user of each host chooses whether it "
                     "runs.");
    }
    if (!may_read) {
        html_element(html, "p.dim",
                     "Sign in with a token that has the scope environment:read to see settings.");
    }
    if (!detail->row.lock_id && !detail->row.is_archived) {
        add_form(page, detail->row.name);
        exception_form_add(page, detail->row.name, &detail->environment);
    }
    html_close(html);
}
