// SPDX-License-Identifier: MIT
// Two sides are compared item by item, whatever their order: each item as canonical text, without the versions of its
// plugins and with its origins sorted. So one release further is no difference, and a path that moved to another plugin
// is one.
#include "schema/contributions/contributions.h"

#include "schema/contributions/contribution_kinds.h"
#include "schema/json/json.h"

#include <stdlib.h>
#include <string.h>

static int compare_texts(const void *left, const void *right) {
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

// A list of origins as sorted texts: which plugin was merged first does not matter. Owned.
static json_t *sort_items(struct arena *arena, const json_t *list) {
    size_t count = json_array_size(list);
    const char **texts = arena_array(arena, count + 1, sizeof *texts);
    json_auto_t *sorted = json_array();
    for (size_t i = 0; texts && i < count; i++) {
        texts[i] = json_encode_canonical(arena, json_array_get(list, i));
        if (!texts[i]) {
            return NULL;
        }
    }
    if (!texts || !sorted) {
        return NULL;
    }
    qsort(texts, count, sizeof *texts, compare_texts);
    for (size_t i = 0; i < count; i++) {
        if (json_array_append_new(sorted, json_loads(texts[i], JSON_DECODE_ANY, NULL))) {
            return NULL;
        }
    }
    return json_incref(sorted);
}

// The item without versions, lists of its origins sorted. Owned; NULL when out of memory.
static json_t *simplify(struct arena *arena, const json_t *item) {
    static const char *const lists[] = {"permissions", "origins", "publishers", "subscribers"};
    const char *text =
        json_encode_canonical(arena, item); // json_deep_copy does not tell when memory runs out
    json_auto_t *copy = text ? json_loads(text, 0, NULL) : NULL;
    json_object_del(json_object_get(copy, "origin"), "version");
    for (size_t i = 0; copy && i < sizeof lists / sizeof *lists; i++) {
        json_t *list = json_object_get(copy, lists[i]);
        size_t j;
        json_t *origin;
        json_array_foreach(list, j, origin) {
            json_object_del(origin, "version");
        }
        if (list && json_object_set_new(copy, lists[i], sort_items(arena, list))) {
            return NULL;
        }
    }
    return json_incref(copy);
}

// Canonical text of each item of the list -> the item. Items that are equal in all of this are one. Owned.
static json_t *index_items(struct arena *arena, const json_t *document, const char *list) {
    json_auto_t *items = json_object();
    const json_t *rows = json_object_get(document, list);
    for (size_t i = 0; items && i < json_array_size(rows); i++) {
        json_auto_t *item = simplify(arena, json_array_get(rows, i));
        const char *text = item ? json_encode_canonical(arena, item) : NULL;
        if (!text || json_object_set(items, text, item)) {
            return NULL;
        }
    }
    return json_incref(items);
}

// Appends the items that the other side lacks; counts those that it has. False when out of memory.
static bool add_lacking(const char *list, const json_t *items, const json_t *other, json_t *lacking,
                        json_int_t *same) {
    const char *key;
    json_t *item;
    json_object_foreach((json_t *)(uintptr_t)items, key, item) {
        bool is_there = json_object_get(other, key);
        *same += is_there;
        if (!is_there &&
            json_array_append_new(lacking, json_pack("{s:s, s:O}", "list", list, "item", item))) {
            return false;
        }
    }
    return true;
}

static bool compare_list(struct arena *arena, const char *list, const json_t *walk,
                         const json_t *registry, json_t *report) {
    json_auto_t *left = index_items(arena, walk, list);
    json_auto_t *right = index_items(arena, registry, list);
    json_t *counts = json_object_get(report, "counts");
    json_int_t same = 0;
    json_int_t ignored = 0;
    return left && right &&
           add_lacking(list, left, right, json_object_get(report, "walk_only"), &same) &&
           add_lacking(list, right, left, json_object_get(report, "registry_only"), &ignored) &&
           json_integer_set(json_object_get(counts, "same"),
                            json_integer_value(json_object_get(counts, "same")) + same) == 0;
}

enum status contributions_compare(const json_t *walk, const json_t *registry, json_t **ret_report,
                                  struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    json_auto_t *report =
        json_pack("{s:b, s:{s:i, s:i, s:i}, s:[], s:[]}", "same", 1, "counts", "same", 0,
                  "walk_only", 0, "registry_only", 0, "walk_only", "registry_only");
    const struct contribution_kind *kind;
    const char *last = "";
    bool is_good = arena && report;
    for (size_t i = 0; (kind = contribution_kind_at(i)) && is_good; i++) {
        // two kinds may fill one list, one after the other
        is_good = strcmp(last, kind->list) == 0 ||
                  compare_list(arena, kind->list, walk, registry, report);
        last = kind->list;
    }
    if (!is_good) {
        return fail_no_memory(err);
    }
    json_t *counts = json_object_get(report, "counts");
    size_t walk_only = json_array_size(json_object_get(report, "walk_only"));
    size_t registry_only = json_array_size(json_object_get(report, "registry_only"));
    json_integer_set(json_object_get(counts, "walk_only"), (json_int_t)walk_only);
    json_integer_set(json_object_get(counts, "registry_only"), (json_int_t)registry_only);
    json_object_set_new(report, "same", json_boolean(!walk_only && !registry_only));
    *ret_report = json_incref(report);
    return STATUS_OK;
}
