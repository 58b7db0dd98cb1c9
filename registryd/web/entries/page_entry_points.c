// SPDX-License-Identifier: MIT
// The search for entry points: who provides a module, who has an object of this name, who holds a name. It finds what
// GET /v1/entry-points finds, so an address can be copied from one to the other. A search for packages leads here
// when its words look like a reference to an object, or found nothing.
#include "registryd/web/entries/entries.h"

#include "registryd/api/groups/find_use_case.h"
#include "registryd/request/cursor.h"
#include "registryd/web/frame/page_answer.h"
#include "schema/base/list.h"

#include <string.h>

static const struct page_field fields[] = {
    {.label = "Module", .name = "module", .placeholder = "plugins.crm"},
    {.label = "Value", .name = "value", .placeholder = "manifest"},
    {.label = "Name", .name = "name", .placeholder = "any"},
    {.label = "Group", .name = "group", .placeholder = "any"},
    {.label = "Package", .name = "package", .placeholder = "any"},
};

static void add_form(struct page_context *page) {
    struct html *html = page->html;
    html_open(html, "form.filters");
    html_attribute(html, "action", "/entry-points");
    html_attribute(html, "role", "search");
    html_attribute(html, "aria-label", "Find entry points");
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        struct page_field field = fields[i];
        field.value = request_query(page->request, field.name);
        page_field(html, &field);
    }
    html_element(html, "button.main", "Search");
    html_close(html);
    html_element(html, "p.dim",
                 "The newest release of each package is searched. A value is \"module:object\" or "
                 "the object alone.");
}

static void add_row(struct page_context *page, const struct found_entry *row) {
    struct html *html = page->html;
    struct address address;
    address_begin(&address, page->arena, "/packages");
    address_add_segment(&address, row->package);
    address_add_segment(&address, "entry-points");
    html_open(html, "tr");
    html_open(html, "td");
    html_link(html, "a", address_make(page->arena, "/groups", row->group), row->group);
    html_close(html);
    html_open(html, "td");
    html_element(html, "strong", row->name);
    html_close(html);
    html_open(html, "td.long");
    html_element(html, "code", row->value);
    html_close(html);
    html_open(html, "td");
    html_link(html, "a", address_end(&address), row->package);
    html_printf(html, " %s ", row->version);
    if (strcmp(row->status, "active") != 0) {
        page_badge(html, "warn", row->status);
    }
    html_close(html);
    html_close(html);
}

// All parameters stay, so that the next page has the same filters.
static const char *next_address(const struct page_context *page, const struct find_page *part) {
    struct address address;
    address_begin(&address, page->arena, "/entry-points");
    for (size_t i = 0; i < page->request->query_count; i++) {
        const struct parameter *one = &page->request->query[i];
        if (strcmp(one->name, "cursor") != 0) {
            address_add_query(&address, one->name, one->value);
        }
    }
    address_add_query(&address, "cursor", cursor_encode(page->arena, part->last));
    return address_end(&address);
}

static void add_found(struct page_context *page, const struct find_page *part) {
    static const char *const columns[] = {"Group", "Name", "Value", "Package", NULL};
    struct html *html = page->html;
    if (!part->found.count) {
        page_nothing(html, "No entry points match. Clear a field, or search in a terminal with "
                           "\"registryctl find\".");
        return;
    }
    page_open_table(html, "Entry points", columns);
    for (size_t i = 0; i < part->found.count; i++) {
        add_row(page, &part->found.items[i]);
    }
    page_close_table(html);
    if (part->more) {
        page_next(html, next_address(page, part));
    }
}

static enum status make_entry_points(struct page_context *page, struct error *err) {
    struct find_page part = {0};
    bool is_asked = find_is_asked(page->request);
    enum status status = query_begin(page->api, page->request, find_rules, FIND_RULES, err);
    if (status) {
        return status;
    }
    status = is_asked ? find_load(page->api->reading, page->request, &part, err) : STATUS_OK;
    if (status) {
        return status;
    }
    page_begin(page, PAGE_PACKAGES, "Search entry points");
    add_form(page);
    if (is_asked) {
        add_found(page, &part);
    } else {
        page_nothing(page->html, "Fill in at least one field. In a terminal, \"registryctl find "
                                 "--module plugins.crm\" searches the same.");
    }
    page_end(page);
    return STATUS_OK;
}

enum status page_entry_points(struct api *api, const struct request *request, struct reply *reply,
                              struct findings *findings, struct error *err) {
    (void)findings;
    return page_answer(api, request, reply, make_entry_points, err);
}

// ---- the link from the search for packages ----

// "plugins.crm:manifest" is a value, "plugins.crm" a module, and any other word may be a name.
static const char *field_of(const char *words) {
    if (strchr(words, ' ')) {
        return "name";
    }
    return strchr(words, ':') ? "value" : strchr(words, '.') ? "module" : "name";
}

void entries_link_add(struct page_context *page, const char *words, bool is_missed) {
    struct html *html = page->html;
    const char *field = words ? field_of(words) : NULL;
    bool is_led = field && (is_missed || strcmp(field, "name") != 0);
    struct address address;
    address_begin(&address, page->arena, "/entry-points");
    if (is_led) {
        address_add_query(&address, field, words);
    }
    html_open(html, "p");
    html_link(
        html, "a", address_end(&address),
        is_led ? arena_printf(page->arena, "Search entry points with the %s \"%s\"", field, words)
               : "Search entry points");
    html_close(html);
}
