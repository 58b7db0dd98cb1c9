// SPDX-License-Identifier: MIT
// The frame and the pieces. Links lead to pages of this server alone, and every form that changes something carries
// the token of its reader's session.
#include "registryd/web/frame/page.h"

#include "registryd/access/session.h"
#include "registryd/web/frame/static_files.h"
#include "registryd/web/frame/json_view.h"
#include "schema/base/cleanup.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

// A table with so many columns becomes a list on a tablet, too.
enum { WIDE_COLUMNS = 6 };

static const struct {
    const char *address;
    const char *label;
} sections[] = {
    [PAGE_PACKAGES] = {"/packages", "Packages"},
    [PAGE_GROUPS] = {"/groups", "Groups"},
    [PAGE_ENVIRONMENTS] = {"/environments", "Environments"},
    [PAGE_TRANSITION] = {"/transition", "Transition"},
    [PAGE_ACTIVITY] = {"/activity", "Activity"},
    [PAGE_STATUS] = {"/status", "Status"},
};

// Only decides which forms are shown. The route that takes a form checks the right again.
bool page_may(struct page_context *page, enum access_level level, const char *object) {
    const struct access_check_args query = {level, object};
    return page->rights && !access_require(page->api, page->arena, page->rights, &query, NULL);
}

// ---- the frame ----

// Script and style come from files of ours alone; the Content-Security-Policy allows nothing else.
static void add_head(struct page_context *page, const char *title) {
    struct html *html = page->html;
    html_open(html, "head");
    html_open(html, "meta");
    html_attribute(html, "charset", "utf-8");
    html_close(html);
    html_open(html, "meta");
    html_attribute(html, "name", "viewport");
    html_attribute(html, "content", "width=device-width, initial-scale=1");
    html_close(html);
    html_open(html, "title");
    html_printf(html, "%s · registryd", title);
    html_close(html);
    html_open(html, "link");
    html_attribute(html, "rel", "stylesheet");
    html_attribute(html, "href", static_files_address("style.css"));
    html_close(html);
    html_open(html, "link");
    html_attribute(html, "rel", "icon");
    html_attribute(html, "href", static_files_address("icon.svg"));
    html_close(html);
    if (page->feed) {
        html_open(html, "link");
        html_attribute(html, "rel", "alternate");
        html_attribute(html, "type", "application/atom+xml");
        html_attribute(html, "href", page->feed);
        html_close(html);
    }
    html_open(html, "script");
    html_attribute(html, "type", "module");
    html_attribute(html, "src", static_files_address("catalogue.js"));
    html_close(html);
    html_close(html);
}

static void add_navigation(struct html *html, enum page_section section) {
    html_open(html, "nav");
    html_attribute(html, "aria-label", "Catalogue");
    html_open(html, "ul");
    for (size_t i = PAGE_PACKAGES; i < COUNT_OF(sections); i++) {
        html_open(html, "li");
        html_open(html, "a");
        html_attribute(html, "href", sections[i].address);
        html_attribute(html, "aria-current", i == section ? "page" : NULL);
        html_text(html, sections[i].label);
        html_close(html);
        html_close(html);
    }
    html_close(html);
    html_close(html);
}

// Signing out is a form with the session's token, because a link could be planted by another site.
static void add_visitor(struct page_context *page) {
    struct html *html = page->html;
    if (!page->rights) {
        html_link(html, "a", "/sign-in", "Sign in");
        return;
    }
    if (page_may(page, ACCESS_ADMIN, NULL)) {
        html_link(html, "a", "/admin", "Administration");
    }
    html_open(html, "form");
    html_attribute(html, "method", "post");
    html_attribute(html, "action", "/sign-out");
    page_hidden(html, "form_token", page->form_token);
    html_element(html, "span.dim", page->rights->actor);
    html_text(html, " ");
    html_element(html, "button", "Sign out");
    html_close(html);
}

static void add_header(struct page_context *page, enum page_section section) {
    struct html *html = page->html;
    html_link(html, "a.skip", "#main", "Skip to the content");
    html_open(html, "header.top");
    html_link(html, "a.brand", "/", "registryd");
    add_navigation(html, section);
    html_open(html, "form.find");
    html_attribute(html, "action", "/packages");
    html_attribute(html, "role", "search");
    html_attribute(html, "aria-label", "All packages");
    html_open(html, "input");
    html_attribute(html, "type", "search");
    html_attribute(html, "name", "q");
    html_attribute(html, "aria-label", "Search packages");
    html_attribute(html, "placeholder", "Search packages");
    html_attribute(html, "maxlength", "200");
    html_close(html);
    html_close(html);
    add_visitor(page);
    html_close(html);
}

// Leaves <html>, <body> and <main> open; page_end closes them.
void page_begin(struct page_context *page, enum page_section section, const char *title) {
    struct html *html = page->html;
    html_open(html, "html");
    html_attribute(html, "lang", "en");
    add_head(page, title);
    html_open(html, "body");
    add_header(page, section);
    html_open(html, "main");
    html_attribute(html, "id", "main");
    html_element(html, "h1", title);
}

void page_end(struct page_context *page) {
    struct html *html = page->html;
    // The footer names the state that the page was made in, which a report of an error then quotes.
    struct history_point point;
    index_point(page->api->index, &point);
    html_close(html); // main
    html_open(html, "footer");
    html_printf(html, "Times are UTC · registryd %s · change ", REGISTRYD_VERSION);
    html_open(html, "a");
    html_attribute(html, "href", "/activity");
    html_printf(html, "%lld", (long long)point.serial);
    html_close(html);
    html_text(html, " · ");
    html_link(html, "a", "/v1", "API");
    html_close(html);
    html_close(html); // body
    html_close(html); // html
}

// ---- pieces ----

void page_open_section(struct html *html, const char *id, const char *heading) {
    html_open(html, "section");
    html_attribute(html, "id", id);
    html_element(html, "h2", heading);
}

void page_hidden(struct html *html, const char *name, const char *value) {
    html_open(html, "input");
    html_attribute(html, "type", "hidden");
    html_attribute(html, "name", name);
    html_attribute(html, "value", value);
    html_close(html);
}

// Every form that changes something carries the session's token; form_decode refuses one without it.
void page_open_form(struct page_context *page, const char *address) {
    html_open(page->html, "form.filters.changing");
    html_attribute(page->html, "method", "post");
    html_attribute(page->html, "action", address);
    page_hidden(page->html, "form_token", page->form_token);
}

// The space keeps badges apart where there is no style sheet.
void page_badge(struct html *html, const char *kind, const char *text) {
    bool is_good = kind && strcmp(kind, "good") == 0;
    bool is_warning = kind && strcmp(kind, "warn") == 0;
    bool is_bad = kind && strcmp(kind, "bad") == 0;
    const char *element = is_good      ? "span.badge.good"
                          : is_warning ? "span.badge.warn"
                                       : "span.badge";
    html_element(html, is_bad ? "span.badge.bad" : element, text);
    html_text(html, " ");
}

// Focusable, because a snippet that is wider than its box scrolls, and not every visitor has a mouse.
void page_snippet(struct html *html, const char *label, const char *text) {
    html_open(html, "div.snippet");
    html_open(html, "pre");
    html_attribute(html, "tabindex", "0");
    html_attribute(html, "role", "group");
    html_attribute(html, "aria-label", label);
    html_element(html, "code", text);
    html_close(html);
    html_close(html);
}

// A text that cannot be parsed is shown as it is.
void page_json(struct page_context *page, const char *label, const char *json) {
    scoped(cleanup_json) json_t *value = json_view_parse(json);
    scoped(cleanup_memory) char *text = json_view_print(value, true);
    page_snippet(page->html, label, text ? text : json);
}

// A wide table scrolls by itself, with the keyboard too (tabindex), and not the page. The caption
// is for screen readers.
void page_open_table(struct html *html, const char *caption, const char *const *columns) {
    html_open(html, "div.scroll");
    html_attribute(html, "tabindex", "0");
    html_attribute(html, "role", "region");
    html_attribute(html, "aria-label", caption);
    size_t count = 0;
    while (columns[count]) {
        count++;
    }
    html_open(html, count < WIDE_COLUMNS ? "table.rows" : "table.rows.wide");
    html_element(html, "caption.hidden", caption);
    html_open(html, "thead");
    html_open(html, "tr");
    for (const char *const *column = columns; *column; column++) {
        html_open(html, "th");
        html_attribute(html, "scope", "col");
        html_text(html, *column);
        html_close(html);
    }
    html_close(html);
    html_close(html);
    html_open(html, "tbody");
    html_label_cells(html, columns);
}

void page_close_table(struct html *html) {
    html_label_cells(html, NULL);
    html_close(html);
    html_close(html);
    html_close(html);
}

void page_cell(struct html *html, const char *text) {
    html_element(html, "td", text ? text : "–");
}

void page_nothing(struct html *html, const char *text) {
    html_element(html, "p.dim", text);
}

void page_next(struct html *html, const char *address) {
    if (address) {
        html_open(html, "p.more");
        html_link(html, "a.button", address, "Next page");
        html_close(html);
    }
}

static const char *open_field(struct html *html, const struct page_field *field) {
    html_open(html, "label.field");
    html_element(html, "span", field->label);
    return field->name;
}

void page_field(struct html *html, const struct page_field *field) {
    const char *name = open_field(html, field);
    html_open(html, "input");
    html_attribute(html, "type", field->type ? field->type : "text");
    html_attribute(html, "name", name);
    html_attribute(html, "value", field->value);
    html_attribute(html, "placeholder", field->placeholder);
    html_close(html);
    html_close(html);
}

// The first option has no value, and drop_blanks removes what it sends.
void page_choice(struct html *html, const struct page_field *field, const char *const *options) {
    const char *name = open_field(html, field);
    html_open(html, "select");
    html_attribute(html, "name", name);
    html_open(html, "option");
    html_attribute(html, "value", "");
    html_text(html, field->none ? field->none : "any");
    html_close(html);
    for (; *options; options++) {
        bool is_chosen = field->value && strcmp(field->value, *options) == 0;
        html_open(html, "option");
        html_attribute(html, "selected", is_chosen ? "" : NULL);
        html_text(html, *options);
        html_close(html);
    }
    html_close(html);
    html_close(html);
}
