// SPDX-License-Identifier: MIT
// What a release needs: Python, and other distributions under their markers. A requirement that cannot be read is shown
// as it stands; files that ask for something of their own are listed below, because wheels of one release may differ.
#include "registryd/web/package/package_parts.h"

#include "schema/packaging/requirement/requirement.h"

#include <string.h>

static void add_requirement(struct page_context *page, const char *text) {
    struct html *html = page->html;
    const struct requirement *requirement = NULL;
    const char *marker = strchr(text, ';');
    html_open(html, "tr");
    if (requirement_parse(page->arena, text_from(text), &requirement, NULL)) {
        html_element(html, "td", text);
        page_cell(html, NULL);
        page_cell(html, NULL);
    } else {
        struct address address;
        const char *versions =
            requirement->url ? requirement->url : specifier_set_string(requirement->specifiers);
        address_begin(&address, page->arena, "/packages");
        address_add_query(&address, "q", requirement->normalized_name);
        html_open(html, "td");
        html_link(html, "a", address_end(&address), requirement->name);
        for (size_t i = 0; i < requirement->extra_count; i++) {
            html_printf(html, "%s%s", i ? ", " : " with ", requirement->extras[i]);
        }
        html_close(html);
        page_cell(html, versions && versions[0] ? versions : "any");
        page_cell(html, marker ? marker + 1 : NULL);
    }
    html_close(html);
}

static void add_own_terms(struct page_context *page, const struct package_view *view) {
    struct html *html = page->html;
    for (size_t i = 0; i < view->files.count; i++) {
        const struct artifact_row *row = &view->files.items[i];
        if (row->own_words) {
            html_open(html, "p");
            html_element(html, "code", row->filename);
            html_printf(html, " requires %s instead.", row->own_words);
            html_close(html);
        }
    }
}

enum status package_add_requirements(struct page_context *page, const struct package_view *view,
                                     struct error *err) {
    static const char *const columns[] = {"Requires", "Versions", "Only if", NULL};
    struct html *html = page->html;
    const struct strings *list = &view->release->requires_dist;
    (void)err;
    page_open_section(html, "requirements", "Requirements");
    html_open(html, "p");
    html_printf(html, "Python %s",
                view->shown->requires_python ? view->shown->requires_python : "any");
    html_close(html);
    if (list->count) {
        page_open_table(html, "Requirements", columns);
        for (size_t i = 0; i < list->count; i++) {
            add_requirement(page, list->items[i]);
        }
        page_close_table(html);
    } else {
        page_nothing(html, "This release requires no other distribution.");
    }
    add_own_terms(page, view);
    html_close(html);
    return STATUS_OK;
}
