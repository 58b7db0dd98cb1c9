// SPDX-License-Identifier: MIT
// What to copy from a package's page: how to install the release from this registry, and how to load and declare its
// plugin. A command names this registry's index, because the same name on a public index may be anybody's; and it is
// shown only where it works: the release has a file, and neither it nor its package is quarantined.
#include "registryd/web/package/package_parts.h"

#include "registryd/request/address.h"

#include <string.h>

// Scripts are commands for a shell; hosts load what stands in the other groups.
static bool is_script(const struct entry_point *entry) {
    return strcmp(entry->group, "console_scripts") == 0 || strcmp(entry->group, "gui_scripts") == 0;
}

// The plugin: an entry point that a host's manifest describes, else the first that is no script. NULL: there is none.
static const struct entry_point *find_plugin(const struct release *release) {
    const struct entry_point *found = NULL;
    for (size_t i = 0; i < release->entry_point_count; i++) {
        const struct entry_point *entry = &release->entry_points[i];
        if (is_script(entry)) {
            continue;
        }
        if (release_find_manifest(release, entry->group, entry->name)) {
            return entry;
        }
        found = found ? found : entry;
    }
    return found;
}

// One entry point as an example; the tab of entry points lists all.
static void add_plugin(struct page_context *page, const struct release *release) {
    const struct entry_point *entry = find_plugin(release);
    if (!entry) {
        return;
    }
    page_snippet(page->html, "Load in Python",
                 arena_printf(page->arena,
                              "from registryclient import entry_points\n\n"
                              "plugin, = entry_points(group=\"%s\", name=\"%s\")\n"
                              "plugin.load()",
                              entry->group, entry->name));
    page_snippet(page->html, "Declare in pyproject.toml",
                 arena_printf(page->arena, "[project.entry-points.\"%s\"]\n\"%s\" = \"%s\"",
                              entry->group, entry->name, entry->value));
}

// Each tool is bound to this registry for this package only, as far as it can: a second index for
// all names would let one registry answer for a name of the other.
static void add_commands(struct page_context *page, const struct package_view *view) {
    struct html *html = page->html;
    struct arena *arena = page->arena;
    const char *url = registry_url(page->api, page->request);
    const char *name = view->detail->package.name;
    const char *version = view->shown->version;
    page_snippet(
        html, "Install with pip",
        arena_printf(arena, "pip install --index-url %s/simple/ %s==%s", url, name, version));
    html_open(html, "details");
    html_element(html, "summary", "uv, poetry, pyproject.toml, loading it in Python");
    page_snippet(
        html, "Install with uv",
        arena_printf(arena, "uv pip install --index-url %s/simple/ %s==%s", url, name, version));
    page_snippet(html, "Add with poetry",
                 arena_printf(arena,
                              "poetry source add --priority explicit plugins %s/simple/\n"
                              "poetry add --source plugins %s==%s",
                              url, name, version));
    page_snippet(html, "Depend on it in pyproject.toml",
                 arena_printf(arena,
                              "[project]\ndependencies = [\"%s==%s\"]\n\n"
                              "[[tool.uv.index]]\nname = \"plugins\"\nurl = \"%s/simple/\"\n"
                              "explicit = true\n\n[tool.uv.sources]\n%s = {index = \"plugins\"}",
                              name, version, url, name));
    if (view->release->requires_dist.count) {
        html_element(html, "p",
                     "Install dependencies that this registry does not have from your usual index "
                     "first.");
    }
    add_plugin(page, view->release);
    html_close(html);
}

void package_add_install(struct page_context *page, const struct package_view *view) {
    bool is_quarantined = strcmp(view->shown->state, "live") != 0 ||
                          strcmp(view->detail->package.status, "quarantined") == 0;
    if (is_quarantined) {
        return; // the banner says so
    }
    html_open(page->html, "div.install");
    html_attribute(page->html, "id", "install");
    if (view->files.count) {
        add_commands(page, view);
    } else {
        page_nothing(page->html,
                     "This release has no file yet, so it cannot be installed from here.");
        html_open(page->html, "details");
        html_element(page->html, "summary", "Loading it in Python, pyproject.toml");
        add_plugin(page, view->release);
        html_close(page->html);
    }
    html_close(page->html);
}
