// SPDX-License-Identifier: MIT
// The schema and the value are walked side by side. What is uncertain counts as secret; what is certain is the number of
// steps, so a schema that refers to itself many times is refused and holds nobody up.
#include "schema/json_schema/json_schema_secrets.h"

#include "schema/base/list.h"
#include "schema/json/json.h"
#include "schema/json_schema/json_schema_refer.h"
#include "schema/json_schema/regex.h"

#include <stdlib.h>
#include <string.h>

enum {
    SEARCH_DEPTH = 160,    // schemas within schemas
    SEARCH_STEPS = 200000, // a schema at a value
    MATCH_STEPS = 200000,  // of one pattern at one key
};

struct secret_search {
    struct arena *arena;
    const json_t *root;
    struct regex_room *room; // made when the first pattern needs it
    size_t steps;            // that are left
    const char **found;
    size_t count;
    size_t capacity;
    bool no_memory;
};

// A value and its place.
struct secret_spot {
    const json_t *value;
    const char *where;
    size_t depth;
};

static void search(struct secret_search *search, const json_t *schema,
                   const struct secret_spot *spot);

static void add(struct secret_search *work, const char *where) {
    const char **grown =
        list_grow(work->arena, work->found, work->count, &work->capacity, sizeof *work->found);
    work->no_memory = work->no_memory || !grown;
    if (grown) {
        work->found = grown;
        grown[work->count++] = where;
    }
}

// The whole value is secret; of the outermost object, each member.
static void add_spot(struct secret_search *work, const struct secret_spot *spot) {
    const char *key;
    json_t *member;
    if (*spot->where) {
        add(work, spot->where);
        return;
    }
    json_object_foreach((json_t *)spot->value, key, member) {
        add(work, json_pointer(work->arena, "", key));
    }
}

// What cannot be read or decided counts as matching.
static bool matches(struct secret_search *work, const char *pattern, const char *key) {
    struct regex *regex = NULL;
    size_t steps = MATCH_STEPS;
    work->room = work->room ? work->room : regex_room_new(work->arena);
    if (!work->room || regex_read(work->arena, text_from(pattern), &regex, NULL)) {
        return true;
    }
    return regex_matches(regex, text_from(key), work->room, &steps) || !steps;
}

static void search_member(struct secret_search *work, const json_t *schema, const char *key,
                          const struct secret_spot *member) {
    const json_t *own = json_object_get(json_object_get(schema, "properties"), key);
    bool is_known = own;
    const char *pattern;
    json_t *other;
    search(work, own, member);
    json_object_foreach(json_object_get(schema, "patternProperties"), pattern, other) {
        if (matches(work, pattern, key)) {
            is_known = true;
            search(work, other, member);
        }
    }
    if (!is_known) {
        search(work, json_object_get(schema, "additionalProperties"), member);
        search(work, json_object_get(schema, "unevaluatedProperties"), member);
    }
}

static void search_object(struct secret_search *work, const json_t *schema,
                          const struct secret_spot *spot) {
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)spot->value, key, value) {
        const struct secret_spot member = {value, json_pointer(work->arena, spot->where, key),
                                           spot->depth + 1};
        search_member(work, schema, key, &member);
    }
}

// Whether anything is secret in any item: then the array is.
static void search_array(struct secret_search *work, const json_t *schema,
                         const struct secret_spot *spot) {
    static const char *const keywords[] = {"items", "contains", "unevaluatedItems"};
    size_t before = work->count;
    size_t index;
    json_t *item;
    json_array_foreach((json_t *)spot->value, index, item) {
        const struct secret_spot inner = {item, json_pointer_index(work->arena, spot->where, index),
                                          spot->depth + 1};
        search(work, json_array_get(json_object_get(schema, "prefixItems"), index), &inner);
        for (size_t i = 0; i < COUNT_OF(keywords); i++) {
            search(work, json_object_get(schema, keywords[i]), &inner);
        }
    }
    if (work->count > before) {
        work->count = before;
        add_spot(work, spot);
    }
}

// Schemas that speak about the same value.
static void search_beside(struct secret_search *work, const json_t *schema,
                          const struct secret_spot *spot) {
    static const char *const lists[] = {"allOf", "anyOf", "oneOf"};
    static const char *const single[] = {"if", "then", "else"};
    static const char *const references[] = {"$ref", "$dynamicRef"};
    const struct secret_spot same = {spot->value, spot->where, spot->depth + 1};
    const char *key;
    json_t *other;
    for (size_t i = 0; i < COUNT_OF(references); i++) {
        const char *reference = json_string_value(json_object_get(schema, references[i]));
        bool is_root = reference && strcmp(reference, "#") == 0;
        search(work, is_root ? work->root : json_schema_refer(work->root, reference), &same);
    }
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        const json_t *list = json_object_get(schema, lists[i]);
        for (size_t j = 0; j < json_array_size(list); j++) {
            search(work, json_array_get(list, j), &same);
        }
    }
    for (size_t i = 0; i < COUNT_OF(single); i++) {
        search(work, json_object_get(schema, single[i]), &same);
    }
    json_object_foreach(json_object_get(schema, "dependentSchemas"), key, other) {
        search(work, other, &same);
    }
}

static void search(struct secret_search *work, const json_t *schema,
                   const struct secret_spot *spot) {
    if (!json_is_object(schema) || !work->steps || spot->depth >= SEARCH_DEPTH) {
        return;
    }
    work->steps--;
    if (json_is_true(json_object_get(schema, "writeOnly"))) {
        add_spot(work, spot);
        return;
    }
    search_beside(work, schema, spot);
    if (json_is_object(spot->value)) {
        search_object(work, schema, spot);
    } else if (json_is_array(spot->value)) {
        search_array(work, schema, spot);
    }
}

static int compare_pointers(const void *left, const void *right) {
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static bool is_within(const char *pointer, const char *outer) {
    size_t len = strlen(outer);
    return strncmp(pointer, outer, len) == 0 && (!pointer[len] || pointer[len] == '/');
}

// "/a-b" sorts between "/a" and "/a/b", so every pointer that was kept is asked.
void json_schema_join_pointers(struct strings *pointers) {
    size_t kept = 0;
    if (pointers->count) {
        qsort(pointers->items, pointers->count, sizeof *pointers->items, compare_pointers);
    }
    for (size_t i = 0; i < pointers->count; i++) {
        bool is_covered = false;
        for (size_t j = 0; j < kept && !is_covered; j++) {
            is_covered = is_within(pointers->items[i], pointers->items[j]);
        }
        if (!is_covered) {
            pointers->items[kept++] = pointers->items[i];
        }
    }
    pointers->count = kept;
}

enum status json_schema_write_only(struct arena *arena, const json_t *document, const json_t *value,
                                   struct strings *ret_pointers, struct error *err) {
    struct secret_search work = {.arena = arena, .root = document, .steps = SEARCH_STEPS};
    const struct secret_spot root = {value, "", 0};
    search(&work, document, &root);
    if (work.no_memory) {
        return fail_no_memory(err);
    }
    if (!work.steps) {
        return fail(err, STATUS_INVALID, "",
                    "The schema of the settings is too costly to search for secrets. Simplify it.");
    }
    struct strings pointers = {work.found, work.count};
    json_schema_join_pointers(&pointers);
    *ret_pointers = pointers;
    return STATUS_OK;
}
