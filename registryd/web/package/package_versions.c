// SPDX-License-Identifier: MIT
// All releases as a table, and two of them compared. Sizes come from the files of all releases, read once; a release
// without files says so, because nothing can install it. The form of the comparison is a GET, so a comparison is an
// address.
#include "registryd/web/package/package_parts.h"

#include <inttypes.h>
#include <string.h>

enum { RELEASES_SHOWN = 500, RELEASES_OFFERED = 200 };

// Without floating point, whose point depends on the locale.
const char *package_size(struct arena *arena, int64_t bytes) {
    static const char *const units[] = {"KiB", "MiB", "GiB"};
    int64_t tenths = bytes * 10 / 1024;
    size_t unit = 0;
    if (bytes < 1024) {
        return arena_printf(arena, "%" PRId64 " bytes", bytes);
    }
    for (; tenths >= 10240 && unit < 2; unit++) {
        tenths /= 1024;
    }
    return arena_printf(arena, "%" PRId64 ".%" PRId64 " %s", tenths / 10, tenths % 10, units[unit]);
}

// ---- the table ----

static void add_states(struct html *html, const struct release_row *row) {
    if (row->yanked) {
        page_badge(html, "bad", "yanked");
    }
    if (strcmp(row->state, "live") != 0) {
        page_badge(html, "bad", row->state);
    }
    if (row->prerelease) {
        page_badge(html, NULL, "pre-release");
    }
    const char *reason = row->yanked ? row->yanked_reason : row->state_reason;
    html_text(html, reason);
}

static void add_size(struct page_context *page, const struct artifact_rows *files,
                     const char *version) {
    int64_t bytes = 0;
    size_t count = 0;
    for (size_t i = 0; i < files->count; i++) {
        if (strcmp(files->items[i].version, version) == 0) {
            bytes += files->items[i].size;
            count++;
        }
    }
    page_cell(page->html, !count       ? "no file"
                          : count == 1 ? package_size(page->arena, bytes)
                                       : arena_printf(page->arena, "%s in %zu files",
                                                      package_size(page->arena, bytes), count));
}

static void add_release(struct page_context *page, const struct package_view *view,
                        const struct artifact_rows *files, const struct release_row *row) {
    struct html *html = page->html;
    html_open(html, "tr");
    html_open(html, "td");
    html_link(html, "a", package_tab_address(page, view, package_tab_find(""), row->version),
              row->version);
    html_close(html);
    html_open(html, "td");
    page_time(html, row->published_at);
    html_close(html);
    page_cell(html, row->published_by);
    page_cell(html, row->requires_python);
    add_size(page, files, row->version);
    html_open(html, "td");
    add_states(html, row);
    html_close(html);
    html_close(html);
}

static void add_releases(struct page_context *page, const struct package_view *view,
                         const struct artifact_rows *files) {
    static const char *const columns[] = {"Release", "Published", "By", "Python",
                                          "Size",    "State",     NULL};
    struct html *html = page->html;
    const struct package_detail *detail = view->detail;
    page_open_section(html, "releases", "Releases");
    page_open_table(html, "Releases", columns);
    for (size_t i = 0; i < detail->release_count && i < RELEASES_SHOWN; i++) {
        add_release(page, view, files, &detail->releases[i]);
    }
    page_close_table(html);
    if (detail->release_count > RELEASES_SHOWN) {
        html_open(html, "p.dim");
        html_printf(html, "The newest %d of %zu are shown.", RELEASES_SHOWN, detail->release_count);
        html_close(html);
    }
    html_close(html);
}

// ---- the comparison ----

static void add_choice(struct page_context *page, const struct package_view *view,
                       const struct page_field *field) {
    struct html *html = page->html;
    const struct package_detail *detail = view->detail;
    html_open(html, "label.field");
    html_element(html, "span", field->label);
    html_open(html, "select");
    html_attribute(html, "name", field->name);
    for (size_t i = 0; i < detail->release_count && i < RELEASES_OFFERED; i++) {
        const char *version = detail->releases[i].version;
        html_open(html, "option");
        html_attribute(html, "selected", strcmp(version, field->value) == 0 ? "" : NULL);
        html_text(html, version);
        html_close(html);
    }
    html_close(html);
    html_close(html);
}

// Offered at first: the release before the shown one, and that one.
static const char *before(const struct package_detail *detail, const struct release_row *shown) {
    size_t at = (size_t)(shown - detail->releases);
    return at + 1 < detail->release_count ? shown[1].version : shown->version;
}

static enum status add_compared(struct page_context *page, const struct package_view *view,
                                struct error *err) {
    struct html *html = page->html;
    const char *from = request_query(page->request, "from");
    const char *to = request_query(page->request, "to");
    if (view->detail->release_count < 2 && !from && !to) {
        return STATUS_OK;
    }
    page_open_section(html, "compare", "Compare two releases");
    html_open(html, "form.filters");
    html_attribute(html, "action", "#compare");
    add_choice(page, view,
               &(struct page_field){.label = "From",
                                    .name = "from",
                                    .value = from ? from : before(view->detail, view->shown)});
    add_choice(
        page, view,
        &(struct page_field){.label = "To", .name = "to", .value = to ? to : view->shown->version});
    html_element(html, "button", "Compare");
    html_close(html);
    enum status status = from && to ? package_add_comparison(page, view, from, to, err) : STATUS_OK;
    html_close(html);
    return status;
}

enum status package_add_versions(struct page_context *page, const struct package_view *view,
                                 struct error *err) {
    struct artifact_rows files;
    enum status status = store_artifacts_load(page->api->reading, page->arena,
                                              view->detail->package.name, NULL, &files, err);
    if (status) {
        return status;
    }
    status = add_compared(page, view, err);
    if (status) {
        return status;
    }
    add_releases(page, view, &files);
    return STATUS_OK;
}
