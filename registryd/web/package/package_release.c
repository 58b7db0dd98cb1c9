// SPDX-License-Identifier: MIT
// The parts of a package's page that one release gives: entry points with their manifests, files, facts. They read
// the decoded release document and the rows of its files, and ask nothing themselves. Lists
// that a publisher can make very long are cut, with a link to the document that has all of it.
#include "registryd/web/package/package_parts.h"
#include "registryd/web/entries/entries.h"
#include "registryd/web/frame/json_view.h"

#include "schema/base/cleanup.h"
#include "schema/json/json.h"

// What is more is in the release document: a page stays readable, and its size bounded.
enum { ENTRY_POINTS_SHOWN = 500, MANIFESTS_SHOWN = 50 };

// "500 of 2,000 entry points are shown." and a link to all of them; nothing when all are shown.
static void add_rest(struct page_context *page, const struct package_view *view, size_t shown,
                     size_t count) {
    struct html *html = page->html;
    struct address address;
    if (count <= shown) {
        return;
    }
    address_begin(&address, page->arena, "/v1/packages");
    address_add_segment(&address, view->detail->package.name);
    buffer_add_string(&address.out, "/releases");
    address_add_segment(&address, view->shown->version);
    html_open(html, "p.dim");
    html_printf(html, "The first %zu of %zu are shown. ", shown, count);
    html_link(html, "a", address_end(&address), "The release document has all of them.");
    html_close(html);
}

static void add_entry_points(struct page_context *page, const struct package_view *view) {
    static const char *const columns[] = {"Group", "Name", "Value", NULL};
    struct html *html = page->html;
    const struct release *release = view->release;
    page_open_section(html, "entry-points", "Entry points");
    if (!release->entry_point_count) {
        page_nothing(html, "This release has no entry points.");
        html_close(html);
        return;
    }
    page_open_table(html, "Entry points", columns);
    for (size_t i = 0; i < release->entry_point_count && i < ENTRY_POINTS_SHOWN; i++) {
        const struct entry_point *entry = &release->entry_points[i];
        html_open(html, "tr");
        html_open(html, "td");
        html_link(html, "a", address_make(page->arena, "/groups", entry->group), entry->group);
        html_close(html);
        page_cell(html, entry->name);
        html_open(html, "td");
        html_element(html, "code", entry->value);
        html_close(html);
        html_close(html);
    }
    page_close_table(html);
    add_rest(page, view, ENTRY_POINTS_SHOWN, release->entry_point_count);
    html_close(html);
}

// The size of a list and its first texts: "3: read, write, delete".
static void add_items(struct html *html, const json_t *list) {
    enum { ITEMS_SHOWN = 6 };
    html_printf(html, "%zu", json_array_size(list));
    for (size_t i = 0; i < json_array_size(list) && i < ITEMS_SHOWN; i++) {
        const char *item = json_string_value(json_array_get(list, i));
        html_text(html, item ? (i ? ", " : ": ") : NULL);
        html_text(html, item);
    }
}

// A member of a manifest as hosts list it: a scalar as text, a list or an object by its size.
// The members are unknown: every host has its own. So each is shown by its JSON type.
static void add_member(struct html *html, const char *key, const json_t *value) {
    html_element(html, "dt", key);
    html_open(html, "dd");
    switch (json_typeof(value)) {
    case JSON_STRING:
        html_text(html, json_string_value(value));
        break;
    case JSON_ARRAY:
        add_items(html, value);
        break;
    case JSON_TRUE:
        html_text(html, "yes");
        break;
    case JSON_FALSE:
        html_text(html, "no");
        break;
    case JSON_OBJECT:
        html_printf(html, json_object_size(value) == 1 ? "%zu key" : "%zu keys",
                    json_object_size(value));
        break;
    case JSON_INTEGER:
        html_printf(html, "%lld", (long long)json_integer_value(value));
        break;
    case JSON_NULL:
        html_text(html, "–");
        break;
    // A real number: printing it would depend on the locale.
    default:
        html_text(html, "a number");
    }
    html_close(html);
}

// First the members that tell what the plugin is, then the whole text for who needs it.
static void add_manifest(struct page_context *page, const struct manifest *manifest) {
    struct html *html = page->html;
    scoped(cleanup_json) json_t *json = json_view_parse(manifest->json);
    const char *key;
    json_t *value;
    html_open(html, "h3");
    html_printf(html, "%s · %s", manifest->name, manifest->group);
    html_close(html);
    html_open(html, "dl");
    json_object_foreach(json, key, value) {
        add_member(html, key, value);
    }
    html_close(html);
    html_open(html, "details");
    html_element(html, "summary", "Show the whole manifest");
    page_json(page, "Manifest", manifest->json);
    html_close(html);
}

// One heading whether there is one manifest or many.
static void add_manifests(struct page_context *page, const struct package_view *view) {
    if (!view->release->manifest_count) {
        return;
    }
    page_open_section(page->html, "manifest",
                      view->release->manifest_count == 1 ? "Manifest" : "Manifests");
    for (size_t i = 0; i < view->release->manifest_count && i < MANIFESTS_SHOWN; i++) {
        add_manifest(page, &view->release->manifests[i]);
    }
    add_rest(page, view, MANIFESTS_SHOWN, view->release->manifest_count);
    html_close(page->html);
}

enum status package_add_entry_points(struct page_context *page, const struct package_view *view,
                                     struct error *err) {
    const struct entry_states_query query = {.package = view->detail->package.name};
    struct entry_states states;
    enum status status = entries_states_load(page, &query, &states, err);
    if (status) {
        return status;
    }
    add_entry_points(page, view);
    entries_states_add(page, &states, false);
    add_manifests(page, view);
    return STATUS_OK;
}

// ---- files ----

// The address holds the digest, so it names these bytes for ever.
static void add_file_link(struct page_context *page, const struct artifact_row *row) {
    struct address address;
    address_begin(&address, page->arena, "/files");
    address_add_segment(&address, row->sha256);
    address_add_segment(&address, row->filename);
    html_link(page->html, "a", address_end(&address), row->filename);
}

void package_add_file_list(struct page_context *page, const struct package_view *view) {
    struct html *html = page->html;
    page_open_section(html, "files", "Files");
    if (!view->files.count) {
        page_nothing(html, "No files are published here. Ask its team where to get them.");
        html_close(html);
        return;
    }
    html_open(html, "ul.plain-list");
    for (size_t i = 0; i < view->files.count; i++) {
        html_open(html, "li.file");
        add_file_link(page, &view->files.items[i]);
        html_text(html, " ");
        html_element(html, "span.dim", package_size(page->arena, view->files.items[i].size));
        html_close(html);
    }
    html_close(html);
    html_close(html);
}

static void add_file(struct page_context *page, const struct package_view *view,
                     const struct artifact_row *row) {
    struct html *html = page->html;
    html_open(html, "tr");
    html_open(html, "td");
    add_file_link(page, row);
    html_text(html, " ");
    package_add_browse_link(page, view, row);
    if (row->own_words) {
        html_element(html, "small", arena_printf(page->arena, " requires %s", row->own_words));
    }
    html_close(html);
    page_cell(html, row->kind);
    page_cell(html, package_size(page->arena, row->size));
    page_cell(html, row->tags && row->tags[0] ? row->tags : NULL);
    html_open(html, "td");
    page_time(html, row->uploaded_at);
    html_printf(html, " by %s", row->uploaded_by);
    html_close(html);
    html_open(html, "td.long");
    html_element(html, "code", row->sha256);
    html_close(html);
    html_close(html);
}

enum status package_add_files(struct page_context *page, const struct package_view *view,
                              struct error *err) {
    static const char *const columns[] = {"File",     "Kind",    "Size", "Tags",
                                          "Uploaded", "SHA-256", NULL};
    const char *filename = request_query(page->request, "file");
    if (filename) {
        return package_add_viewed(page, view, filename, err);
    }
    page_open_section(page->html, "files", "Files");
    if (view->files.count) {
        page_open_table(page->html, "Files", columns);
        for (size_t i = 0; i < view->files.count; i++) {
            add_file(page, view, &view->files.items[i]);
        }
        page_close_table(page->html);
    } else {
        page_nothing(page->html, "No files are published here. Ask its team where to get them.");
    }
    html_close(page->html);
    return STATUS_OK;
}

// ---- facts ----

static void add_fact(struct html *html, const char *name, const char *text) {
    if (text) {
        html_element(html, "dt", name);
        html_element(html, "dd", text);
    }
}

// Either of name and address may be missing.
static void add_people(struct html *html, const struct release *release) {
    for (size_t i = 0; i < release->author_count; i++) {
        const struct person *person = &release->authors[i];
        if (!i) {
            html_element(html, "dt", "Authors");
        }
        html_open(html, "dd");
        html_text(html, person->name ? person->name : person->email);
        if (person->name && person->email) {
            html_open(html, "span.dim");
            html_printf(html, " <%s>", person->email);
            html_close(html);
        }
        html_close(html);
    }
}

static void add_list(struct html *html, const char *name, const struct strings *list) {
    if (!list->count) {
        return;
    }
    html_element(html, "dt", name);
    html_open(html, "dd");
    for (size_t i = 0; i < list->count; i++) {
        html_text(html, i ? ", " : NULL);
        html_text(html, list->items[i]);
    }
    html_close(html);
}

// Each leads to the search for packages that have it, too.
static void add_classifiers(struct page_context *page, const struct strings *list) {
    struct html *html = page->html;
    for (size_t i = 0; i < list->count; i++) {
        struct address address;
        address_begin(&address, page->arena, "/packages");
        address_add_query(&address, "classifier", list->items[i]);
        if (!i) {
            html_element(html, "dt", "Classifiers");
        }
        html_open(html, "dd");
        html_link(html, "a", address_end(&address), list->items[i]);
        html_close(html);
    }
}

void package_add_facts(struct page_context *page, const struct package_view *view) {
    struct html *html = page->html;
    const struct release *release = view->release;
    page_open_section(html, "facts", "Facts");
    html_open(html, "dl");
    add_fact(html, "Package", view->detail->package.name);
    add_fact(html, "Version", view->shown->version);
    add_fact(html, "Owner", view->owner ? view->owner : "none");
    html_element(html, "dt", "Published");
    html_open(html, "dd");
    page_time(html, view->shown->published_at);
    html_printf(html, " by %s", view->shown->published_by);
    html_close(html);
    add_people(html, release);
    add_fact(html, "License", release->license_expression);
    add_list(html, "Keywords", &release->keywords);
    for (size_t i = 0; i < release->project_url_count; i++) {
        if (!i) {
            html_element(html, "dt", "Links");
        }
        html_open(html, "dd");
        html_link_out(html, release->project_urls[i].url, release->project_urls[i].label);
        html_close(html);
    }
    add_fact(html, "Source", release->provenance.convention);
    add_fact(html, "Read from", release->provenance.path);
    add_classifiers(page, &release->classifiers);
    html_element(html, "dt", "Digest");
    html_open(html, "dd");
    html_open(html, "code");
    // The beginning is enough to compare by eye; the release document has all of it.
    html_text_of(html, (struct text){view->shown->digest, strnlen(view->shown->digest, 16)});
    html_close(html);
    html_close(html);
    html_close(html);
    html_close(html);
}
