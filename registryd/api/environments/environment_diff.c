// SPDX-License-Identifier: MIT
// The difference of two documents. Objects are walked key by key, in byte order; anything else that
// differs is one entry. A list of tags would drown what matters, so lists of texts say what came and
// went.
#include "registryd/api/environments/environment_compare.h"

#include "schema/base/cleanup.h"
#include "schema/json/json.h"

#include <stdlib.h>
#include <string.h>

struct differing {
    struct arena *arena;
    json_t *entries;
    bool no_memory;
};

static void add_entry(struct differing *differing, const char *where, json_t *members) {
    bool failed = !members || json_object_set_new(members, "where", json_string(where)) ||
                  json_array_append(differing->entries, members);
    json_decref(members);
    differing->no_memory |= failed;
}

static bool is_list_of_texts(const json_t *json) {
    size_t index;
    json_t *item;
    if (!json_is_array(json)) {
        return false;
    }
    json_array_foreach(json, index, item) {
        if (!json_is_string(item)) {
            return false;
        }
    }
    return true;
}

// The texts of `list` that are not in `other`. Owned; NULL when out of memory.
static json_t *texts_without(const json_t *list, const json_t *other) {
    scoped(cleanup_json) json_t *names = json_object();
    scoped(cleanup_json) json_t *left = json_array();
    size_t index;
    json_t *item;
    json_array_foreach(other, index, item) {
        if (json_object_set_new(names, json_string_value(item), json_true())) {
            return NULL;
        }
    }
    json_array_foreach(list, index, item) {
        if (!json_object_get(names, json_string_value(item)) && json_array_append(left, item)) {
            return NULL;
        }
    }
    return names ? take(left) : NULL;
}

// True when the entry says what came and went; lists in another order are told as they are.
static bool add_texts(struct differing *differing, const char *where, const json_t *from,
                      const json_t *to) {
    scoped(cleanup_json) json_t *added = texts_without(to, from);
    scoped(cleanup_json) json_t *removed = texts_without(from, to);
    if (!added || !removed) {
        differing->no_memory = true;
        return true;
    }
    if (!json_array_size(added) && !json_array_size(removed)) {
        return false;
    }
    add_entry(differing, where, json_pack("{s:O,s:O}", "added", added, "removed", removed));
    return true;
}

static void compare_values(struct differing *differing, const char *where, json_t *from,
                           json_t *to);

static int compare_keys(const void *left, const void *right) {
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void compare_objects(struct differing *differing, const char *where, json_t *from,
                            json_t *to) {
    size_t count = 0;
    const char *key;
    json_t *value;
    const char **keys = arena_array(
        differing->arena, json_object_size(from) + json_object_size(to) + 1, sizeof *keys);
    if (!keys) {
        differing->no_memory = true;
        return;
    }
    json_object_foreach(from, key, value) {
        keys[count++] = key;
    }
    json_object_foreach(to, key, value) {
        if (!json_object_get(from, key)) {
            keys[count++] = key;
        }
    }
    qsort(keys, count, sizeof *keys, compare_keys);
    for (size_t i = 0; i < count; i++) {
        compare_values(differing, json_pointer(differing->arena, where, keys[i]),
                       json_object_get(from, keys[i]), json_object_get(to, keys[i]));
    }
}

static void compare_values(struct differing *differing, const char *where, json_t *from,
                           json_t *to) {
    if (from && to && json_equal(from, to)) {
        return;
    }
    if (json_is_object(from) && json_is_object(to)) {
        compare_objects(differing, where, from, to);
        return;
    }
    if (is_list_of_texts(from) && is_list_of_texts(to) && add_texts(differing, where, from, to)) {
        return;
    }
    json_t *members = json_object();
    bool failed = (from && json_object_set(members, "from", from)) ||
                  (to && json_object_set(members, "to", to));
    differing->no_memory |= failed;
    add_entry(differing, where, members);
}

json_t *environment_compare_documents(struct arena *arena, const json_t *from, const json_t *to) {
    scoped(cleanup_json) json_t *entries = json_array();
    struct differing differing = {arena, entries, !entries};
    if (entries) {
        compare_values(&differing, "", (json_t *)from, (json_t *)to);
    }
    return differing.no_memory ? NULL : take(entries);
}
