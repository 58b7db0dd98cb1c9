// SPDX-License-Identifier: MIT
// Entry points as a table, shared by the pages of groups and environments: one row for each record of a selection,
// with its findings as badges, a page at a time. The columns come from the record and its manifest; the manifest
// is data of strangers and is only read, never trusted to have a member or a type.
#include "registryd/web/pages/records_table.h"
#include "registryd/web/frame/json_view.h"

#include "schema/base/cleanup.h"
#include "schema/json/json.h"

// A code is stable and can be looked up; the message beside it is for people.
static void add_findings(struct html *html, const struct record *record) {
    if (record->shadowed_by) {
        page_badge(html, "warn", "shadowed");
    }
    for (size_t i = 0; i < record->findings.count; i++) {
        const struct finding *finding = &record->findings.items[i];
        page_badge(html, finding->severity == SEVERITY_ERROR ? "bad" : "warn", finding->code);
        html_element(html, "span.dim", finding->message);
        html_text(html, " ");
    }
    if (!record->shadowed_by && !record->findings.count) {
        page_badge(html, "good", "ok");
    }
}

// What the host's own list says of a plugin: its name for people, and its routers.
static void add_manifest(struct html *html, const struct record *record) {
    scoped(cleanup_json) json_t *manifest = json_view_parse(record->manifest);
    const char *label = json_string_value(json_object_get(manifest, "display_name"));
    const char *author = json_string_value(json_object_get(manifest, "author"));
    size_t routers = json_array_size(json_object_get(manifest, "routers"));
    html_open(html, "td");
    html_text(html, label);
    html_text(html, label && author ? " · " : NULL);
    html_text(html, author);
    if (routers) {
        html_printf(html, "%s%zu %s", label || author ? " · " : "", routers,
                    routers == 1 ? "router" : "routers");
    }
    html_text(html, !label && !author && !routers ? "–" : NULL);
    html_close(html);
}

// Settings in full would make the table too wide, so they are folded.
static void add_record(struct page_context *page, const struct record *record,
                       const struct host_requirements *requirements) {
    struct html *html = page->html;
    html_open(html, "tr");
    if (!requirements) {
        html_open(html, "td");
        html_link(html, "a", address_make(page->arena, "/groups", record->group), record->group);
        html_close(html);
    }
    html_open(html, "td");
    html_element(html, "strong", record->name);
    html_close(html);
    html_open(html, "td");
    html_link(html, "a", address_make(page->arena, "/packages", record->package), record->package);
    html_printf(html, " %s", record->version ? record->version : "");
    html_close(html);
    html_open(html, "td");
    html_element(html, "code", record->value);
    html_close(html);
    add_manifest(html, record);
    html_open(html, record->findings.count ? "td.long" : "td");
    add_findings(html, record);
    html_close(html);
    html_open(html, "td");
    if (record->settings) {
        html_open(html, "details");
        html_element(html, "summary", "settings");
        page_json(page, "Settings", record->settings);
        html_close(html);
    } else {
        html_text(html, "–");
    }
    html_close(html);
    if (requirements && requirements->count) {
        host_ranges_add(page, requirements, record->package);
    }
    html_close(html);
}

void records_table_add(struct page_context *page, const struct selection_part *part,
                       const struct host_requirements *requirements) {
    bool has_ranges = requirements && requirements->count;
    const char *const columns[] = {"Group",    "Name",  "Package",  "Value",
                                   "Manifest", "State", "Settings", has_ranges ? "Host" : NULL,
                                   NULL};
    if (!part->total) {
        page_nothing(page->html, "No entry points.");
        return;
    }
    // A group's own page has no column for the group.
    page_open_table(page->html, "Entry points", columns + (requirements ? 1 : 0));
    for (size_t i = 0; i < part->records.count; i++) {
        add_record(page, &part->records.items[i], requirements);
    }
    page_close_table(page->html);
}

// Superseded is the usual fate of an older release and no warning.
void records_table_add_reason(struct html *html, const struct exclusion *one) {
    html_open(html, "td.long");
    page_badge(html, strcmp(one->code, "superseded") == 0 ? NULL : "warn", one->code);
    html_text(html, one->detail);
    if (one->eligible_at) {
        html_text(html, ". Eligible from ");
        page_moment(html, one->eligible_at);
    }
    html_close(html);
}

static void add_one_outdated(struct page_context *page, const struct outdated *one) {
    struct html *html = page->html;
    html_open(html, "tr");
    html_open(html, "td");
    html_link(html, "a", address_make(page->arena, "/packages", one->package), one->package);
    html_close(html);
    html_element(html, "td", one->selected ? one->selected : "none");
    html_open(html, "td");
    html_text(html, one->newest->version);
    if (one->newer > 1) {
        html_open(html, "span.dim");
        html_printf(html, " (%zu newer)", one->newer);
        html_close(html);
    }
    html_close(html);
    records_table_add_reason(html, one->newest);
    html_close(html);
}

void records_table_add_outdated(struct page_context *page, const struct outdated_list *list) {
    static const char *const columns[] = {"Package", "Selected", "Newest", "Reason", NULL};
    struct html *html = page->html;
    size_t total = list->outdated_count + list->too_new_count;
    if (!list->count) {
        page_nothing(html, "No packages are outdated.");
        return;
    }
    html_open(html, "p");
    html_printf(html, "%zu outdated %s", list->outdated_count,
                list->outdated_count == 1 ? "package" : "packages");
    html_printf(html, ", and %zu with newer releases that only have to reach the minimum age.",
                list->too_new_count);
    html_close(html);
    page_open_table(html, "Outdated packages", columns);
    for (size_t i = 0; i < list->count; i++) {
        add_one_outdated(page, &list->items[i]);
    }
    page_close_table(html);
    if (total > list->count) {
        html_open(html, "p.dim");
        html_printf(html, "The first %zu of %zu are shown.", list->count, total);
        html_close(html);
    }
}

void records_table_add_next(struct page_context *page, const char *path, size_t total,
                            int64_t number) {
    // Pages are numbered here, as the selection was whole in memory; lists of the store have cursors.
    if ((size_t)number * RECORDS_ON_A_PAGE >= total) {
        return;
    }
    struct address address;
    address_begin(&address, page->arena, path);
    // All other parameters are kept, so that a filter stays in force on the next page.
    for (size_t i = 0; i < page->request->query_count; i++) {
        if (strcmp(page->request->query[i].name, "page") != 0) {
            address_add_query(&address, page->request->query[i].name,
                              page->request->query[i].value);
        }
    }
    address_add_query(&address, "page", arena_printf(page->arena, "%lld", (long long)number + 1));
    page_next(page->html, address_end(&address));
}
