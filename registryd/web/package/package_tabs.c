// SPDX-License-Identifier: MIT
// The tabs as one table. Those about one release keep the release of the address; those about all of them leave it, so
// that a list of versions has one address and not as many as there are releases. The readme is the page itself.
#include "registryd/web/package/package_parts.h"

#include "registryd/readme/markup.h"
#include "registryd/web/frame/markup_show.h"
#include "schema/base/cleanup.h"
#include "schema/base/list.h"

#include <string.h>

// Without the process that reads it, or when it takes too long, a description is shown as it stands.
static void add_unread(struct page_context *page, const char *description) {
    scoped(markup_done) struct markup markup;
    markup_init(&markup, MARKUP_BYTES_MAX);
    markup_note(&markup, MARKUP_IS_COSTLY);
    markup_text(&markup, text_from(description));
    markup_show(page->html, (struct text){markup.out.ptr, markup.out.len}, NULL);
}

static void add_description(struct page_context *page, const struct release *release) {
    struct text made;
    if (!page->api->viewer ||
        viewer_ask_readme(page->api->viewer, page->arena, release->description,
                          release->description_content_type, &made, NULL)) {
        add_unread(page, release->description);
        return;
    }
    const struct image_hosts hosts = {page->api->image_hosts};
    markup_show(page->html, made, &hosts);
}

// The description, and beside it what one looks up about a release.
static enum status add_readme(struct page_context *page, const struct package_view *view,
                              struct error *err) {
    (void)err;
    struct html *html = page->html;
    const struct release *release = view->release;
    html_open(html, "div.columns");
    html_open(html, "div");
    html_attribute(html, "id", "description");
    html_element(html, "h2.hidden", "Description");
    if (release->description && release->description[0]) {
        add_description(page, release);
    } else {
        page_nothing(html, "This release has no description. Its author can add one: a README "
                           "named in pyproject.toml.");
    }
    html_close(html);
    html_open(html, "div");
    package_add_file_list(page, view);
    package_add_facts(page, view);
    html_close(html);
    html_close(html);
    return STATUS_OK;
}

static enum status add_compatibility(struct page_context *page, const struct package_view *view,
                                     struct error *err) {
    enum status status = package_add_standing(page, view, err);
    return status ? status : package_add_matrix(page, view, err);
}

static const struct query_rule compared[] = {{.name = "from"}, {.name = "to"}};
static const struct query_rule viewed[] = {{.name = "file"}, {.name = "path"}};
static const struct query_rule environment[] = {{.name = "environment"}};

static const struct package_tab tabs[] = {
    {.path = "", .title = "Readme", .add = add_readme},
    {.path = "entry-points", .title = "Entry points", .add = package_add_entry_points},
    {.path = "versions",
     .title = "Versions",
     .add = package_add_versions,
     .rules = compared,
     .rule_count = COUNT_OF(compared),
     .is_of_package = true},
    {.path = "compatibility",
     .title = "Compatibility",
     .add = add_compatibility,
     .rules = environment,
     .rule_count = COUNT_OF(environment),
     .is_of_package = true},
    {.path = "files",
     .title = "Files",
     .add = package_add_files,
     .rules = viewed,
     .rule_count = COUNT_OF(viewed)},
    {.path = "dependencies", .title = "Dependencies", .add = package_add_requirements},
    {.path = "activity", .title = "Activity", .add = package_add_activity, .is_of_package = true},
    {.path = "manage", .title = "Manage", .add = package_add_changing},
};

const struct package_tab *package_tab_find(const char *path) {
    for (size_t i = 0; i < COUNT_OF(tabs); i++) {
        if (strcmp(tabs[i].path, path) == 0) {
            return &tabs[i];
        }
    }
    return NULL;
}

const char *package_tab_address(struct page_context *page, const struct package_view *view,
                                const struct package_tab *tab, const char *version) {
    struct address address;
    const char *named = version ? version : view->is_of_package ? NULL : view->shown->version;
    address_begin(&address, page->arena, "/packages");
    address_add_segment(&address, view->detail->package.name);
    if (named && !tab->is_of_package) {
        buffer_add_string(&address.out, "/releases");
        address_add_segment(&address, named);
    }
    if (tab->path[0]) {
        address_add_segment(&address, tab->path);
    }
    return address_end(&address);
}

// "Entry points 3": how much there is, before one looks.
static size_t count_of(const struct package_view *view, const struct package_tab *tab) {
    const struct {
        package_tab_adder *add;
        size_t count;
    } counts[] = {{package_add_entry_points, view->release->entry_point_count},
                  {package_add_versions, view->detail->release_count},
                  {package_add_files, view->files.count},
                  {package_add_requirements, view->release->requires_dist.count}};
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        if (counts[i].add == tab->add) {
            return counts[i].count;
        }
    }
    return 0;
}

void package_tabs_add(struct page_context *page, const struct package_view *view,
                      const struct package_tab *current) {
    struct html *html = page->html;
    html_open(html, "nav.tabs");
    html_attribute(html, "aria-label", "Package");
    html_open(html, "ul");
    for (size_t i = 0; i < COUNT_OF(tabs); i++) {
        const struct package_tab *tab = &tabs[i];
        size_t count = count_of(view, tab);
        if (tab->add == package_add_changing &&
            !page_may(page, ACCESS_YANK, view->detail->package.name)) {
            continue;
        }
        html_open(html, "li");
        html_open(html, "a");
        html_attribute(html, "href", package_tab_address(page, view, tab, NULL));
        html_attribute(html, "aria-current", tab == current ? "page" : NULL);
        html_text(html, tab->title);
        if (count) {
            html_text(html, " ");
            html_open(html, "span.dim");
            html_printf(html, "%zu", count);
            html_close(html);
        }
        html_close(html);
        html_close(html);
    }
    html_close(html);
    html_close(html);
}
