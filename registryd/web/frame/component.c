// SPDX-License-Identifier: MIT
// The components: each is one shape of HTML with classes of the style sheet, so that the same thing looks the same
// on every page. Everything works without a script: folds are <details>, choices are links, changes are forms.
#include "registryd/web/frame/component.h"

void page_code(struct html *html, const char *text) {
    html_element(html, "code", text);
}

// ---- empty states ----

void page_empty(struct html *html, const char *text, const char *next, const char *command) {
    html_open(html, "div.empty");
    html_element(html, "p", text);
    if (next) {
        html_element(html, "p.dim", next);
    }
    if (command) {
        page_snippet(html, "Next command", command);
    }
    html_close(html);
}

void page_command(struct html *html, const char *command) {
    html_open(html, "details.command");
    html_element(html, "summary", "In a terminal");
    page_snippet(html, "The command that does the same", command);
    html_close(html);
}

// ---- figures ----

void page_open_figures(struct html *html, const char *label) {
    html_open(html, "ul.figures");
    html_attribute(html, "aria-label", label);
}

// The number and what it counts are one link, so that a screen reader says both.
void page_figure(struct html *html, const struct page_figure *figure) {
    bool is_good = figure->kind && strcmp(figure->kind, "good") == 0;
    bool is_warning = figure->kind && strcmp(figure->kind, "warn") == 0;
    bool is_bad = figure->kind && strcmp(figure->kind, "bad") == 0;
    const char *element = is_good ? "li.good" : is_warning ? "li.warn" : "li";
    html_open(html, is_bad ? "li.bad" : element);
    html_open(html, figure->address ? "a" : "span");
    html_attribute(html, "href", figure->address);
    html_element(html, "strong", figure->number);
    html_text(html, " ");
    html_element(html, "span", figure->label);
    html_close(html);
    html_close(html);
}

// ---- facets ----

void page_open_facets(struct html *html, const char *label) {
    html_open(html, "nav.facets");
    html_attribute(html, "aria-label", label);
}

void page_open_facet(struct html *html, const char *heading) {
    html_open(html, "section.facet");
    html_element(html, "h2", heading);
    html_open(html, "ul");
}

void page_open_choices(struct html *html, const char *label) {
    html_open(html, "nav.choices");
    html_attribute(html, "aria-label", label);
    html_open(html, "ul");
}

void page_facet(struct html *html, const struct page_facet *facet) {
    html_open(html, "li");
    html_open(html, "a");
    html_attribute(html, "href", facet->address);
    html_attribute(html, "aria-current", facet->is_chosen ? "true" : NULL);
    html_text(html, facet->label);
    if (facet->count >= 0) {
        html_text(html, " ");
        html_open(html, "span.count");
        html_printf(html, "%lld", (long long)facet->count);
        html_close(html);
    }
    html_close(html);
    html_close(html);
}

void page_close_facet(struct html *html) {
    html_close(html);
    html_close(html);
}

// ---- asking before a change ----

// What will happen stands before the button, in the order in which it is read aloud.
void page_open_confirm(struct page_context *page, const struct page_confirm *confirm) {
    struct html *html = page->html;
    html_open(html, confirm->is_destructive ? "section.confirm.destructive" : "section.confirm");
    html_element(html, "h2", confirm->title);
    html_open(html, "ul");
    for (const char *const *one = confirm->consequences; one && *one; one++) {
        html_element(html, "li", *one);
    }
    html_close(html);
    page_open_form(page, confirm->address);
}

// The way back comes first and is a link: a key pressed too soon changes nothing.
void page_close_confirm(struct page_context *page, const struct page_confirm *confirm) {
    struct html *html = page->html;
    html_open(html, "p.actions");
    html_link(html, "a.button", confirm->back, "Cancel");
    html_text(html, " ");
    html_element(html, confirm->is_destructive ? "button.danger" : "button.main", confirm->action);
    html_close(html);
    html_close(html); // form
    if (confirm->command) {
        page_command(html, confirm->command);
    }
    html_close(html);
}
