// SPDX-License-Identifier: MIT
// What a host's developer wants to know before an update: which entry points, permissions, requirements and files
// come, go or change. Each subject is a list of keys with values for either release; both are sorted by key and walked
// side by side, so the same key on both sides with another value is a change, and not one removal and one addition.
#include "registryd/web/package/package_parts.h"

#include "registryd/web/frame/json_view.h"
#include "schema/base/cleanup.h"
#include "schema/base/list.h"
#include "schema/json/json.h"
#include "schema/packaging/requirement/requirement.h"

#include <stdlib.h>
#include <string.h>

struct compared {
    const char *key;
    const char *value;
};

struct compared_list {
    struct compared *items;
    size_t count;
    size_t capacity;
};

// One of the two releases.
struct compared_release {
    const struct release *release;
    const struct release_row *row;
    struct artifact_rows files;
};

static void add_fact(struct arena *arena, struct compared_list *facts, const char *key,
                     const char *value) {
    struct compared *items =
        list_grow(arena, facts->items, facts->count, &facts->capacity, sizeof *items);
    if (items && key && value) {
        facts->items = items;
        facts->items[facts->count++] = (struct compared){key, value};
    }
}

// ---- the subjects ----

static void list_entry_points(struct arena *arena, const struct compared_release *side,
                              struct compared_list *facts) {
    for (size_t i = 0; i < side->release->entry_point_count; i++) {
        const struct entry_point *one = &side->release->entry_points[i];
        add_fact(arena, facts, arena_printf(arena, "%s · %s", one->group, one->name), one->value);
    }
}

// A requirement under another marker is another requirement.
static void list_requirements(struct arena *arena, const struct compared_release *side,
                              struct compared_list *facts) {
    const struct strings *list = &side->release->requires_dist;
    add_fact(arena, facts, "Python",
             side->row->requires_python ? side->row->requires_python : "any");
    for (size_t i = 0; i < list->count; i++) {
        const struct requirement *requirement = NULL;
        const char *marker = strchr(list->items[i], ';');
        bool is_sound = !requirement_parse(arena, text_from(list->items[i]), &requirement, NULL);
        const char *name = is_sound ? requirement->normalized_name : list->items[i];
        add_fact(arena, facts, arena_printf(arena, "%s%s", name, marker ? marker : ""),
                 list->items[i]);
    }
}

// Manifests name permissions as texts, or as objects with a name.
static void list_permissions(struct arena *arena, const struct compared_release *side,
                             struct compared_list *facts) {
    for (size_t i = 0; i < side->release->manifest_count; i++) {
        const struct manifest *manifest = &side->release->manifests[i];
        scoped(cleanup_json) json_t *json = json_view_parse(manifest->json);
        size_t at;
        const json_t *one;
        json_array_foreach(json_object_get(json, "permissions"), at, one) {
            const char *text =
                json_string_value(json_is_object(one) ? json_object_get(one, "name") : one);
            if (text) {
                add_fact(arena, facts, arena_strdup(arena, text), manifest->name);
            }
        }
    }
}

// Names of files hold the version, so the kind and the tags are what compares.
static void list_files(struct arena *arena, const struct compared_release *side,
                       struct compared_list *facts) {
    for (size_t i = 0; i < side->files.count; i++) {
        const struct artifact_row *row = &side->files.items[i];
        const char *key = row->tags && row->tags[0]
                              ? arena_printf(arena, "%s %s", row->kind, row->tags)
                              : row->kind;
        add_fact(arena, facts, key, package_size(arena, row->size));
    }
}

struct compared_subject {
    const char *title;
    void (*list)(struct arena *arena, const struct compared_release *side,
                 struct compared_list *facts);
};
static const struct compared_subject subjects[] = {
    {.title = "Entry points", .list = list_entry_points},
    {.title = "Permissions", .list = list_permissions},
    {.title = "Requirements", .list = list_requirements},
    {.title = "Files", .list = list_files},
};

// ---- side by side ----

static int compare_facts(const void *a, const void *b) {
    const struct compared *left = a;
    const struct compared *right = b;
    int order = strcmp(left->key, right->key);
    return order ? order : strcmp(left->value, right->value);
}

static void add_line(struct html *html, const char *key, const char *from, const char *to) {
    html_open(html, "tr");
    html_open(html, "td");
    page_badge(html,
               from && to ? "warn"
               : to       ? "good"
                          : "bad",
               from && to ? "changed"
               : to       ? "added"
                          : "removed");
    html_close(html);
    page_cell(html, key);
    page_cell(html, from);
    page_cell(html, to);
    html_close(html);
}

// How many lines differ; with `html`, they are written.
static size_t merge(struct html *html, const struct compared_list *from,
                    const struct compared_list *to) {
    size_t i = 0;
    size_t j = 0;
    size_t lines = 0;
    while (i < from->count || j < to->count) {
        int order = i == from->count ? 1
                    : j == to->count ? -1
                                     : strcmp(from->items[i].key, to->items[j].key);
        const struct compared *old = order <= 0 ? &from->items[i++] : NULL;
        const struct compared *new = order >= 0 ? &to->items[j++] : NULL;
        bool is_same = old && new &&strcmp(old->value, new->value) == 0;
        if (!is_same && html) {
            add_line(html, old ? old->key : new->key, old ? old->value : NULL,
                     new ? new->value : NULL);
        }
        lines += !is_same;
    }
    return lines;
}

static void add_subject(struct page_context *page, const struct compared_subject *subject,
                        const struct compared_release sides[2]) {
    struct html *html = page->html;
    struct compared_list facts[2] = {0};
    const char *const columns[] = {"Change", subject->title, sides[0].row->version,
                                   sides[1].row->version, NULL};
    for (size_t i = 0; i < 2; i++) {
        subject->list(page->arena, &sides[i], &facts[i]);
        if (facts[i].count) {
            qsort(facts[i].items, facts[i].count, sizeof *facts[i].items, compare_facts);
        }
    }
    html_element(html, "h3", subject->title);
    if (!merge(NULL, &facts[0], &facts[1])) {
        html_open(html, "p.dim");
        html_printf(html, facts[1].count ? "The same in both: %zu." : "None in either.",
                    facts[1].count);
        html_close(html);
        return;
    }
    page_open_table(html, subject->title, columns);
    merge(html, &facts[0], &facts[1]);
    page_close_table(html);
}

static enum status load_side(struct page_context *page, const struct package_view *view,
                             const char *version, struct compared_release *ret_side,
                             struct error *err) {
    const char *name = view->detail->package.name;
    struct store *store = page->api->reading;
    struct release_detail detail;
    struct findings findings;
    findings_init(&findings, page->arena);
    ret_side->row = package_find_release(view->detail, version);
    if (!ret_side->row) {
        return fail(err, STATUS_NOT_FOUND, NULL, "\"%s\" has no release %s", name, version);
    }
    enum status status = store_release_load(store, page->arena, name, version, &detail, err);
    if (status) {
        return status;
    }
    status = release_decode(page->arena, detail.document, strlen(detail.document), &findings,
                            &ret_side->release, err);
    if (status) {
        return status;
    }
    return store_artifacts_load(store, page->arena, name, version, &ret_side->files, err);
}

enum status package_add_comparison(struct page_context *page, const struct package_view *view,
                                   const char *from, const char *to, struct error *err) {
    struct compared_release sides[2] = {0};
    enum status status = load_side(page, view, from, &sides[0], err);
    if (status) {
        return status;
    }
    status = load_side(page, view, to, &sides[1], err);
    if (status) {
        return status;
    }
    for (size_t i = 0; i < COUNT_OF(subjects); i++) {
        add_subject(page, &subjects[i], sides);
    }
    return STATUS_OK;
}
