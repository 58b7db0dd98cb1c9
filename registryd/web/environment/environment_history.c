// SPDX-License-Identifier: MIT
// The revisions, the newest first: what was changed, when and by whom. Each links to what it changed, and those who may
// change the environment can go back to it.
#include "registryd/web/environment/environment_parts.h"

enum { REVISIONS_SHOWN = 20 };

// Leads to what would change, where the rollback is confirmed.
static void add_rollback(struct page_context *page, const struct environment_row *row) {
    struct html *html = page->html;
    const char *path = address_make(page->arena, "/environments", row->name);
    html_open(html, "td");
    // There is nothing to go back to from the newest one.
    if (row->revision < row->newest_revision && path) {
        html_link(
            html, "a.button",
            arena_printf(page->arena, "%s/rollback?revision=%lld", path, (long long)row->revision),
            arena_printf(page->arena, "Roll back to %lld", (long long)row->revision));
    }
    html_close(html);
}

enum status environment_history_add(struct page_context *page, const char *name,
                                    struct error *err) {
    static const char *const columns[] = {"Revision", "Change", "Time", "By", NULL};
    static const char *const columns_changing[] = {"Revision", "Change",    "Time",
                                                   "By",       "Roll back", NULL};
    struct html *html = page->html;
    bool may_change = page_may(page, ACCESS_ENVIRONMENT, name);
    struct environment_history query = {name, REVISIONS_SHOWN, 0};
    struct environment_rows rows;
    enum status status =
        store_environment_history_load(page->api->reading, page->arena, &query, &rows, err);
    if (status) {
        return status;
    }
    page_open_section(html, "history", "History");
    page_open_table(html, "Revisions", may_change ? columns_changing : columns);
    for (size_t i = 0; i < rows.count; i++) {
        const struct environment_row *row = &rows.items[i];
        const char *path = address_make(page->arena, "/environments", name);
        html_open(html, "tr");
        html_open(html, "td");
        // Each revision links to what it changed; the first one has nothing before it.
        if (row->revision > 1 && path) {
            const char *diff = arena_printf(page->arena, "%s/diff?from=%lld&to=%lld", path,
                                            (long long)row->revision - 1, (long long)row->revision);
            html_link(html, "a", diff, arena_printf(page->arena, "%lld", (long long)row->revision));
        } else {
            html_printf(html, "%lld", (long long)row->revision);
        }
        html_close(html);
        html_open(html, "td");
        html_text(html, row->summary ? row->summary : row->action);
        html_text(html, row->reason ? ": " : NULL);
        html_text(html, row->reason);
        html_close(html);
        html_open(html, "td");
        page_time(html, row->changed_at);
        html_close(html);
        page_cell(html, row->changed_by);
        if (may_change) {
            add_rollback(page, row);
        }
        html_close(html);
    }
    page_close_table(html);
    html_close(html);
    return STATUS_OK;
}
