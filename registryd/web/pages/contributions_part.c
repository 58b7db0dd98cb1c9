// SPDX-License-Identifier: MIT
// One table a kind, since a person asks for one kind at a time: who is in the sidebar, who owns an endpoint, who
// publishes an event. The words of a search are looked for in what the table shows, so "POST /products" and
// "product.created" find their owners.
#include "registryd/web/pages/contributions_part.h"

#include "registryd/forms/contributions_json.h"
#include "registryd/web/frame/json_view.h"
#include "schema/base/list.h"
#include "schema/json/json.h"

#include <string.h>

enum { ITEMS_SHOWN = 200 }; // of one kind

static const struct {
    const char *list;
    const char *title;
    const char *key;
    const char *column; // heading of the first column
} kinds[] = {
    {"navigation", "Navigation", "path", "Path"},
    {"permissions", "Permissions", "name", "Permission"},
    {"seed_groups", "Seed groups", "name", "Seed group"},
    {"endpoints", "Endpoints", "path", "Endpoint"},
    {"events", "Events", "name", "Event"},
    {"routers", "Routers", "router", "Router"},
    {"router_prefixes", "Route prefixes", "prefix", "Prefix"},
    {"dbt_workspaces", "dbt workspaces", "path", "Path"},
    {"frontend_entries", "Frontend entries", "path", "Path"},
};

enum status contributions_part_load(struct page_context *page, const struct resolve_query *query,
                                    json_t **ret_document, struct error *err) {
    const struct answer *answer = NULL;
    enum status status = index_answer(page->api->index, query, &contributions_form, &answer, err);
    if (status) {
        return status;
    }
    json_t *document = json_view_parse_bytes(answer->body, answer->body_len);
    answer_unref(answer);
    if (!document) {
        return fail_no_memory(err);
    }
    *ret_document = document;
    return STATUS_OK;
}

size_t contributions_part_conflicts(const json_t *document) {
    return json_array_size(json_object_get(document, "conflicts"));
}

static const char *text_of(const json_t *object, const char *key) {
    return json_string_value(json_object_get(object, key));
}

// ---- search ----

static bool holds(const char *text, const char *words) {
    return text && strcasestr(text, words);
}

static bool origins_hold(const json_t *origins, const char *words) {
    for (size_t i = 0; i < json_array_size(origins); i++) {
        const json_t *origin = json_array_get(origins, i);
        if (holds(text_of(origin, "name"), words) || holds(text_of(origin, "package"), words)) {
            return true;
        }
    }
    return false;
}

static const char *name_of(struct arena *arena, const char *key, const json_t *item) {
    const char *method = text_of(item, "method");
    const char *name = text_of(item, key);
    return method ? arena_printf(arena, "%s %s", method, name) : name;
}

static bool is_wanted(const char *name, const json_t *item, const char *words) {
    static const char *const lists[] = {"origins", "publishers", "subscribers"};
    const json_t *origin = json_object_get(item, "origin");
    bool is_found = !words || holds(name, words) || holds(text_of(item, "label"), words) ||
                    holds(text_of(origin, "name"), words) ||
                    holds(text_of(origin, "package"), words);
    for (size_t i = 0; i < COUNT_OF(lists) && !is_found; i++) {
        is_found = origins_hold(json_object_get(item, lists[i]), words);
    }
    return is_found;
}

// ---- tables ----

static void add_origin(struct page_context *page, const json_t *origin) {
    const char *package = text_of(origin, "package");
    const char *name = text_of(origin, "name");
    if (package) {
        html_link(page->html, "a", address_make(page->arena, "/packages", package), name);
    } else {
        html_text(page->html, name);
    }
}

static void add_origins(struct page_context *page, const char *before, const json_t *origins) {
    for (size_t i = 0; i < json_array_size(origins); i++) {
        html_text(page->html, i ? ", " : before);
        add_origin(page, json_array_get(origins, i));
    }
}

static void add_plugins(struct page_context *page, const json_t *item) {
    const json_t *origin = json_object_get(item, "origin");
    const json_t *publishers = json_object_get(item, "publishers");
    const json_t *subscribers = json_object_get(item, "subscribers");
    html_open(page->html, "td");
    if (origin) {
        add_origin(page, origin);
    }
    add_origins(page, NULL, json_object_get(item, "origins"));
    add_origins(page, "published by ", publishers);
    html_text(page->html,
              json_array_size(publishers) && json_array_size(subscribers) ? "; " : NULL);
    add_origins(page, "subscribed to by ", subscribers);
    html_close(page->html);
}

static void add_texts(struct html *html, const json_t *texts) {
    for (size_t i = 0; i < json_array_size(texts); i++) {
        html_text(html, i ? ", " : NULL);
        html_text(html, json_string_value(json_array_get(texts, i)));
    }
}

// A label, permissions, or tags and models: what the kind has besides its name.
static void add_details(struct html *html, const json_t *item) {
    const char *request = text_of(item, "request_model");
    const char *response = text_of(item, "response_model");
    const json_t *tags = json_object_get(item, "tags");
    html_open(html, "td");
    html_text(html, text_of(item, "label"));
    add_texts(html, json_object_get(item, "permissions"));
    add_texts(html, tags);
    if (request || response) {
        html_text(html, json_array_size(tags) ? ": " : NULL);
        html_text(html, request);
        html_text(html, response ? " → " : NULL);
        html_text(html, response);
    }
    html_close(html);
}

static bool has_details(const char *list) {
    return strcmp(list, "navigation") == 0 || strcmp(list, "seed_groups") == 0 ||
           strcmp(list, "endpoints") == 0;
}

// How many items of the kind are wanted; their rows only when the table is open.
static size_t add_rows(struct page_context *page, size_t kind, const json_t *items,
                       const char *words, bool is_written) {
    size_t found = 0;
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        const char *name = name_of(page->arena, kinds[kind].key, item);
        bool is_found = is_wanted(name, item, words);
        found += is_found;
        if (!is_found || !is_written || found > ITEMS_SHOWN) {
            continue;
        }
        html_open(page->html, "tr");
        html_open(page->html, "td");
        html_element(page->html, "code", name);
        html_close(page->html);
        if (has_details(kinds[kind].list)) {
            add_details(page->html, item);
        }
        add_plugins(page, item);
        html_close(page->html);
    }
    return found;
}

static size_t add_kind(struct page_context *page, size_t kind, const json_t *document,
                       const char *words) {
    const json_t *items = json_object_get(document, kinds[kind].list);
    const char *detailed[] = {kinds[kind].column, "Details", "Plugins", NULL};
    const char *plain[] = {kinds[kind].column, "Plugins", NULL};
    struct html *html = page->html;
    size_t found = add_rows(page, kind, items, words, false);
    if (!found) {
        return 0;
    }
    page_open_section(html, kinds[kind].list, kinds[kind].title);
    page_open_table(html, kinds[kind].title, has_details(kinds[kind].list) ? detailed : plain);
    add_rows(page, kind, items, words, true);
    page_close_table(html);
    if (found > ITEMS_SHOWN) {
        html_open(html, "p.dim");
        html_printf(html, "%zu more. Search for a name or a plugin.", found - ITEMS_SHOWN);
        html_close(html);
    }
    html_close(html);
    return found;
}

// ---- plugins ----

static bool has_marks(const json_t *plugin, const char *words) {
    bool is_marked =
        text_of(plugin, "kind") || json_is_true(json_object_get(plugin, "first_party"));
    return is_marked &&
           (!words || holds(text_of(plugin, "name"), words) ||
            holds(text_of(plugin, "package"), words) || holds(text_of(plugin, "kind"), words));
}

static void add_plugin(struct page_context *page, const json_t *plugin) {
    struct html *html = page->html;
    html_open(html, "tr");
    html_open(html, "td");
    add_origin(page, plugin);
    if (json_is_true(json_object_get(plugin, "first_party"))) {
        html_text(html, " ");
        page_badge(html, "good", "first-party");
    }
    html_close(html);
    page_cell(html, text_of(plugin, "kind"));
    html_close(html);
}

// Those that the manifest gives a kind, and those of the team that owns the group.
static void add_marked_plugins(struct page_context *page, const json_t *document,
                               const char *words) {
    static const char *const columns[] = {"Plugin", "Kind", NULL};
    const json_t *plugins = json_object_get(document, "plugins");
    size_t found = 0;
    for (size_t i = 0; i < json_array_size(plugins); i++) {
        found += has_marks(json_array_get(plugins, i), words);
    }
    if (!found) {
        return;
    }
    page_open_section(page->html, "kinds", "Plugins");
    page_open_table(page->html, "Plugins", columns);
    for (size_t i = 0, shown = 0; i < json_array_size(plugins) && shown < ITEMS_SHOWN; i++) {
        if (has_marks(json_array_get(plugins, i), words)) {
            add_plugin(page, json_array_get(plugins, i));
            shown++;
        }
    }
    page_close_table(page->html);
    html_close(page->html);
}

// ---- conflicts ----

static void add_conflicts(struct page_context *page, const json_t *document) {
    const json_t *conflicts = json_object_get(document, "conflicts");
    struct html *html = page->html;
    if (!json_array_size(conflicts)) {
        return;
    }
    page_open_section(html, "contribution-conflicts", "Conflicts of contributions");
    html_open(html, "ul");
    for (size_t i = 0; i < json_array_size(conflicts) && i < ITEMS_SHOWN; i++) {
        const json_t *conflict = json_array_get(conflicts, i);
        html_open(html, "li");
        page_badge(html, "warn", text_of(conflict, "code"));
        html_text(html, " ");
        html_element(html, "code", text_of(conflict, "subject"));
        add_origins(page, ": ", json_object_get(conflict, "origins"));
        html_close(html);
    }
    html_close(html);
    html_close(html);
}

static void add_unknown(struct page_context *page, const json_t *document) {
    const json_t *unknown = json_object_get(document, "unknown");
    struct html *html = page->html;
    if (!json_array_size(unknown)) {
        return;
    }
    html_open(html, "p.dim");
    html_printf(html, "Unknown, because the plugin is broken or has no manifest: ");
    for (size_t i = 0; i < json_array_size(unknown) && i < ITEMS_SHOWN; i++) {
        html_text(html, i ? ", " : NULL);
        add_origin(page, json_array_get(unknown, i));
    }
    html_close(html);
}

void contributions_part_add(struct page_context *page, const json_t *document, const char *words) {
    size_t found = 0;
    add_conflicts(page, document);
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        found += add_kind(page, i, document, words);
    }
    if (!found) {
        page_nothing(page->html,
                     words ? "No contribution matches. Try fewer words."
                           : "The plugins contribute nothing that their manifests state.");
    }
    add_marked_plugins(page, document, words);
    add_unknown(page, document);
}
