// SPDX-License-Identifier: MIT
// Comparing two lists of records. Both sides are sorted and joined twice, first on name and package,
// then what is left on the name alone, so that a package which was renamed on its way into the
// registry is reported as one plugin and not as two.
#include "schema/parity.h"

#include "schema/json/json.h"
#include "schema/packaging/version/version.h"
#include "schema/base/list.h"

#include <stdlib.h>
#include <string.h>

// Records of one side that have no partner yet, in order.
struct parity_side {
    const struct record **items; // sorted for the join
    size_t count;
};

struct parity_work {
    struct parity parity;
    struct parity_pair *matched; // pairs, not yet sorted out
    size_t matched_count;
};

static int compare_text(const char *a, const char *b) {
    return strcmp(a ? a : "", b ? b : "");
}

static int compare_names(const struct record *a, const struct record *b) {
    return compare_text(a->name, b->name);
}

static int compare_packages(const struct record *a, const struct record *b) {
    int order = compare_names(a, b);
    return order ? order : compare_text(a->package, b->package);
}

// The value and the origin make the order total: the report is the same however the lists came.
static int compare_all(const void *left, const void *right) {
    const struct record *a = *(const struct record *const *)left;
    const struct record *b = *(const struct record *const *)right;
    int order = compare_packages(a, b);
    if (!order) {
        order = compare_text(a->value, b->value);
    }
    return order ? order : compare_text(a->origin, b->origin);
}

static int compare_pairs(const void *left, const void *right) {
    const struct parity_pair *a = left;
    const struct parity_pair *b = right;
    return compare_all(a->walk ? &a->walk : &a->registry, b->walk ? &b->walk : &b->registry);
}

// Every list gets room for the worst case at once, so that `add` cannot fail.
static bool new_pairs(struct arena *arena, struct parity_pairs *pairs, size_t room) {
    pairs->items = arena_array(arena, room, sizeof *pairs->items);
    return pairs->items;
}

static void add(struct parity_pairs *pairs, const struct record *walk,
                const struct record *registry) {
    pairs->items[pairs->count++] = (struct parity_pair){walk, registry};
}

static bool is_of(const struct record *record, const char *group) {
    return compare_text(record->group, group) == 0;
}

// A project or distribution that cannot be read might have had entry points of any group. Here it counts as
// one of the group that is compared.
static bool may_be_of(const struct record *record, const char *group) {
    return is_of(record, group) || record->is_unplaced;
}

// The record as one of the group. NULL when out of memory.
static const struct record *as_one_of(struct arena *arena, const struct record *record,
                                      const char *group) {
    struct record *copy = is_of(record, group) ? NULL : arena_alloc(arena, sizeof *copy);
    if (copy) {
        *copy = *record;
        copy->group = group;
    }
    return is_of(record, group) ? record : copy;
}

// False when out of memory.
static bool take_walk(struct arena *arena, const struct records *records, struct parity *parity,
                      struct parity_side *side) {
    for (size_t i = 0; i < records->count; i++) {
        if (!may_be_of(&records->items[i], parity->group)) {
            continue;
        }
        const struct record *record = as_one_of(arena, &records->items[i], parity->group);
        if (!record) {
            return false;
        }
        bool is_broken = record_has_errors(record) || !record->value;
        if (is_broken && !record->is_barren) {
            add(&parity->invalid, record, NULL);
            // the group of one without a value is a guess, even where it is the one compared
            parity->unplaced +=
                record != &records->items[i] || (record->is_unplaced && !record->value);
        }
        if (record->shadowed_by) {
            add(&parity->shadowed, record, NULL);
        }
        if (!is_broken && !record->shadowed_by) {
            side->items[side->count++] = record;
        }
    }
    return true;
}

// Symmetric to take_walk: what a host would not load takes no part.
static void take_withheld(const struct records *records, struct parity *parity) {
    for (size_t i = 0; i < records->count; i++) {
        if (is_of(&records->items[i], parity->group)) {
            add(&parity->withheld, &records->items[i], NULL);
        }
    }
}

static void take_registry(const struct records *records, const char *group,
                          struct parity_side *side) {
    for (size_t i = 0; i < records->count; i++) {
        const struct record *record = &records->items[i];
        if (is_of(record, group) && !record_has_errors(record) && !record->shadowed_by) {
            side->items[side->count++] = record;
        }
    }
}

static bool load_side(struct arena *arena, size_t room, struct parity_side *side) {
    side->items = arena_array(arena, room, sizeof *side->items);
    return side->items;
}

static void sort_side(struct parity_side *side) {
    if (side->count > 1) {
        qsort(side->items, side->count, sizeof *side->items, compare_all);
    }
}

// Moves what meets its counterpart from both sides to `matched`; the order of the rest stays.
//
//     walk:      (a, pkg-a)  (b, pkg-b)  (c, old-c)
//     registry:  (a, pkg-a)              (c, new-c)  (d, pkg-d)
//     by name and package: a meets a.  By name alone: c meets c.  Left: b only_walk, d only_registry.
//
static void join(struct parity_work *comparison, struct parity_side *walk,
                 struct parity_side *registry,
                 int (*compare)(const struct record *, const struct record *)) {
    size_t walk_kept = 0;
    size_t registry_kept = 0;
    size_t w = 0;
    size_t r = 0;
    while (w < walk->count && r < registry->count) {
        int order = compare(walk->items[w], registry->items[r]);
        if (order < 0) {
            walk->items[walk_kept++] = walk->items[w++];
        } else if (order > 0) {
            registry->items[registry_kept++] = registry->items[r++];
        } else {
            comparison->matched[comparison->matched_count++] =
                (struct parity_pair){walk->items[w++], registry->items[r++]};
        }
    }
    while (w < walk->count) {
        walk->items[walk_kept++] = walk->items[w++];
    }
    while (r < registry->count) {
        registry->items[registry_kept++] = registry->items[r++];
    }
    walk->count = walk_kept;
    registry->count = registry_kept;
}

// 1.0 and 1.0.0 are one version; what is no version differs by its text.
static bool differs(struct arena *arena, const char *a, const char *b) {
    const struct version *left;
    const struct version *right;
    if (!a || !b || strcmp(a, b) == 0) {
        return false;
    }
    return version_parse(arena, text_from(a), &left, NULL) ||
           version_parse(arena, text_from(b), &right, NULL) || version_compare(left, right) != 0;
}

// Manifests are equal as JSON documents; the order of keys does not matter. A side without a manifest
// does not know it.
static bool manifests_differ(const char *a, const char *b) {
    if (!a || !b || strcmp(a, b) == 0) {
        return false;
    }
    scoped(cleanup_json) json_t *left = json_loads(a, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    scoped(cleanup_json) json_t *right = json_loads(b, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    return !left || !right || !json_equal(left, right);
}

// A pair can differ in several ways and stands in each list; it counts as the same when in none.
static void sort_out_pair(struct arena *arena, struct parity *parity,
                          const struct parity_pair *pair) {
    const struct record *walk = pair->walk;
    const struct record *registry = pair->registry;
    bool value = compare_text(walk->value, registry->value) != 0;
    bool version = differs(arena, walk->version, registry->version);
    // another version has another manifest as a rule, and says so already
    bool manifest = !version && manifests_differ(walk->manifest, registry->manifest);
    if (value) {
        add(&parity->value, walk, registry);
    }
    if (version) {
        add(&parity->version, walk, registry);
    }
    if (manifest) {
        add(&parity->manifest, walk, registry);
    }
    if (!walk->version && registry->version) {
        add(&parity->unknown_version, walk, registry);
    }
    parity->same += !value && !version && !manifest;
}

static void sort_out(struct arena *arena, struct parity_work *comparison,
                     const struct parity_side *walk, const struct parity_side *registry) {
    struct parity *parity = &comparison->parity;
    for (size_t i = 0; i < comparison->matched_count; i++) {
        sort_out_pair(arena, parity, &comparison->matched[i]);
    }
    for (size_t i = 0; i < walk->count; i++) {
        add(&parity->only_walk, walk->items[i], NULL);
    }
    for (size_t i = 0; i < registry->count; i++) {
        add(&parity->only_registry, NULL, registry->items[i]);
    }
}

static void sort_pairs(struct parity *parity) {
    struct parity_pairs *const lists[] = {
        &parity->value,    &parity->version, &parity->manifest, &parity->unknown_version,
        &parity->shadowed, &parity->invalid, &parity->withheld};
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        if (lists[i]->count > 1) {
            qsort(lists[i]->items, lists[i]->count, sizeof *lists[i]->items, compare_pairs);
        }
    }
}

static bool init(struct parity_work *comparison, struct arena *arena,
                 const struct parity_sides *sides) {
    struct parity *parity = &comparison->parity;
    size_t walk_room = sides->walk->count;
    size_t registry_room = sides->registry->count;
    size_t pair_room = walk_room < registry_room ? walk_room : registry_room;
    comparison->matched = arena_array(arena, pair_room, sizeof *comparison->matched);
    return comparison->matched && new_pairs(arena, &parity->only_walk, walk_room) &&
           new_pairs(arena, &parity->only_registry, registry_room) &&
           new_pairs(arena, &parity->value, pair_room) &&
           new_pairs(arena, &parity->version, pair_room) &&
           new_pairs(arena, &parity->manifest, pair_room) &&
           new_pairs(arena, &parity->unknown_version, pair_room) &&
           new_pairs(arena, &parity->shadowed, walk_room) &&
           new_pairs(arena, &parity->invalid, walk_room) &&
           new_pairs(arena, &parity->withheld, sides->withheld ? sides->withheld->count : 0);
}

enum status parity_compare(struct arena *arena, const char *group, const struct parity_sides *sides,
                           struct parity *ret_parity, struct error *err) {
    struct parity_work comparison = {.parity.group = arena_strdup(arena, group)};
    struct parity_side walk_side = {0};
    struct parity_side registry_side = {0};
    if (!comparison.parity.group || !init(&comparison, arena, sides) ||
        !load_side(arena, sides->walk->count, &walk_side) ||
        !load_side(arena, sides->registry->count, &registry_side)) {
        return fail_no_memory(err);
    }
    if (!take_walk(arena, sides->walk, &comparison.parity, &walk_side)) {
        return fail_no_memory(err);
    }
    if (sides->withheld) {
        take_withheld(sides->withheld, &comparison.parity);
    }
    take_registry(sides->registry, group, &registry_side);
    sort_side(&walk_side);
    sort_side(&registry_side);
    join(&comparison, &walk_side, &registry_side, compare_packages);
    join(&comparison, &walk_side, &registry_side, compare_names);
    sort_out(arena, &comparison, &walk_side, &registry_side);
    sort_pairs(&comparison.parity);
    *ret_parity = comparison.parity;
    return STATUS_OK;
}

static bool has_differences(const struct parity *parity) {
    return parity->only_walk.count || parity->only_registry.count || parity->value.count ||
           parity->version.count || parity->manifest.count;
}

// Two empty sides agree on nothing. That proves nothing about a switch, so it is equal only on
// request. A broken plugin that may be of any group does not make a misspelt group a known one.
bool parity_is_empty(const struct parity *parity) {
    return !parity->same && !parity->shadowed.count && !parity->withheld.count &&
           parity->invalid.count == parity->unplaced && !has_differences(parity);
}

bool parity_is_equal(const struct parity *parity, bool strict) {
    if (parity_is_empty(parity)) {
        return parity->allow_empty;
    }
    bool has_doubts = parity->shadowed.count || parity->invalid.count;
    return !has_differences(parity) && (!strict || !has_doubts);
}

// A pair of two has "walk" and "registry"; of one, the record is the entry.
static json_t *encode_pair(const struct parity_pair *pair) {
    if (!pair->walk || !pair->registry) {
        return record_encode(pair->walk ? pair->walk : pair->registry);
    }
    scoped(cleanup_json) json_t *object = json_object();
    if (json_object_set_new(object, "group", json_text(pair->walk->group)) ||
        json_object_set_new(object, "name", json_text(pair->walk->name)) ||
        json_object_set_new(object, "walk", record_encode(pair->walk)) ||
        json_object_set_new(object, "registry", record_encode(pair->registry))) {
        return NULL;
    }
    return take(object);
}

static json_t *encode_pairs(const struct parity_pairs *pairs) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < pairs->count; i++) {
        if (json_array_append_new(array, encode_pair(&pairs->items[i]))) {
            return NULL;
        }
    }
    return take(array);
}

json_t *parity_encode(const struct parity *parity, bool strict) {
    const struct {
        const char *key;
        const struct parity_pairs *pairs;
    } lists[] = {
        {"only_walk", &parity->only_walk}, {"only_registry", &parity->only_registry},
        {"value", &parity->value},         {"version", &parity->version},
        {"manifest", &parity->manifest},   {"unknown_version", &parity->unknown_version},
        {"shadowed", &parity->shadowed},   {"invalid", &parity->invalid},
        {"withheld", &parity->withheld},
    };
    scoped(cleanup_json) json_t *object = json_object();
    if (json_object_set_new(object, "group", json_text(parity->group)) ||
        json_object_set_new(object, "equal", json_boolean(parity_is_equal(parity, strict))) ||
        json_object_set_new(object, "same", json_integer((json_int_t)parity->same))) {
        return NULL;
    }
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        if (json_object_set_new(object, lists[i].key, encode_pairs(lists[i].pairs))) {
            return NULL;
        }
    }
    return take(object);
}
