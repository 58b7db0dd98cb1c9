// SPDX-License-Identifier: MIT
// What every tab of a package begins with: what it is, in which version and state, and how to get it. A visitor who came
// for one line finds it here without scrolling. The list of versions opens without a script (<details>).
#include "registryd/web/package/package_parts.h"

#include "registryd/request/address.h"
#include "registryd/web/pages/banners.h"
#include "schema/base/list.h"

#include <inttypes.h>
#include <string.h>

enum { VERSIONS_OFFERED = 20, HOLDS_SHOWN = 5 };

static bool is_in_group(const struct release *release, const char *group) {
    for (size_t i = 0; i < release->entry_point_count; i++) {
        if (strcmp(release->entry_points[i].group, group) == 0) {
            return true;
        }
    }
    return false;
}

// The hold of the package, then those of groups in which the shown release has entry points.
static void add_holds(struct page_context *page, const struct package_view *view) {
    banner_add_hold(page, holds_find(&view->holds, false, view->detail->package.name), true);
    size_t shown = 0;
    for (size_t i = 0; i < view->holds.count && shown < HOLDS_SHOWN; i++) {
        const struct hold *hold = &view->holds.items[i];
        if (hold->is_group && is_in_group(view->release, hold->name)) {
            banner_add_hold(page, hold, false);
            shown++;
        }
    }
}

// The same tab of another release; of a tab about all of them, the release's own page.
static void add_versions(struct page_context *page, const struct package_view *view,
                         const struct package_tab *current) {
    struct html *html = page->html;
    const struct package_detail *detail = view->detail;
    const struct package_tab *tab = current->is_of_package ? package_tab_find("") : current;
    html_open(html, "details.versions");
    html_open(html, "summary");
    html_printf(html, detail->release_count == 1 ? "%zu version" : "%zu versions",
                detail->release_count);
    html_close(html);
    html_open(html, "ul");
    for (size_t i = 0; i < detail->release_count && i < VERSIONS_OFFERED; i++) {
        const struct release_row *row = &detail->releases[i];
        html_open(html, "li");
        html_link(html, "a", package_tab_address(page, view, tab, row->version), row->version);
        html_text(html, row->yanked                       ? " yanked"
                        : strcmp(row->state, "live") != 0 ? " quarantined"
                        : row == view->shown              ? " (shown)"
                                                          : NULL);
        html_close(html);
    }
    html_close(html);
    if (detail->release_count > VERSIONS_OFFERED) {
        html_link(html, "a", package_tab_address(page, view, package_tab_find("versions"), NULL),
                  "All versions");
    }
    html_close(html);
}

// "wheel, sdist", or that there is nothing to install.
static const char *kinds_of(const struct package_view *view) {
    bool has_wheel = false;
    bool has_sdist = false;
    for (size_t i = 0; i < view->files.count; i++) {
        has_wheel = has_wheel || strcmp(view->files.items[i].kind, "wheel") == 0;
        has_sdist = has_sdist || strcmp(view->files.items[i].kind, "sdist") == 0;
    }
    return has_wheel && has_sdist ? "wheel and sdist"
           : has_wheel            ? "wheel"
           : has_sdist            ? "sdist"
                                  : "no file";
}

static void add_badges(struct page_context *page, const struct package_view *view) {
    struct html *html = page->html;
    const char *python = view->shown->requires_python;
    html_open(html, "p.badges");
    if (view->shown->prerelease) {
        page_badge(html, "warn", "pre-release");
    }
    if (view->release->license_expression) {
        page_badge(html, NULL, view->release->license_expression);
    }
    page_badge(html, NULL, python ? arena_printf(page->arena, "Python %s", python) : "any Python");
    page_badge(html, view->files.count ? NULL : "warn", kinds_of(view));
    page_badge(html, NULL,
               view->owner ? arena_printf(page->arena, "owner %s", view->owner) : "no owner");
    html_open(html, "span.dim");
    html_text(html, "published ");
    page_time(html, view->shown->published_at);
    html_close(html);
    html_close(html);
}

void package_head_add(struct page_context *page, const struct package_view *view,
                      const struct package_tab *current) {
    struct html *html = page->html;
    const struct package_row *row = &view->detail->package;
    const char *address = address_make(page->arena, "/packages", row->name);
    page->feed = address ? arena_printf(page->arena, "%s/activity.atom", address) : NULL;
    page_begin(page, PAGE_PACKAGES,
               arena_printf(page->arena, "%s %s", row->display_name, view->shown->version));
    add_versions(page, view, current);
    html_element(html, "p.summary", view->release->summary);
    banner_add_package(page, row);
    banner_add_release(html, view->shown);
    add_holds(page, view);
    add_badges(page, view);
    package_add_install(page, view);
    package_tabs_add(page, view, current);
}
