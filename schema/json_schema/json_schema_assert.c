// SPDX-License-Identifier: MIT
// The keywords that say something of one value without asking another schema: its type, its size, its parts.
// A message names what is wanted and what is there; it is written only where the check keeps it.
#include "schema/json_schema/json_schema_check.h"

#include "schema/base/list.h"
#include "schema/json/json.h"
#include "schema/json_schema/json_value.h"

#include <string.h>

static bool is_of_type(const json_t *value, const char *type) {
    static const struct {
        const char *name;
        json_type type;
    } types[] = {{"null", JSON_NULL},     {"boolean", JSON_TRUE}, {"boolean", JSON_FALSE},
                 {"object", JSON_OBJECT}, {"array", JSON_ARRAY},  {"number", JSON_INTEGER},
                 {"number", JSON_REAL},   {"string", JSON_STRING}};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        if (types[i].type == json_typeof(value) && strcmp(types[i].name, type) == 0) {
            return true;
        }
    }
    return strcmp(type, "integer") == 0 && json_value_is_integer(value);
}

// "string", "string or null", "string, integer or null"
static const char *join_types(struct schema_check *check, const json_t *types) {
    size_t count = json_array_size(types);
    const char *joined = json_string_value(json_array_get(types, 0));
    if (check->quiet && check->quiet->is_ignored) {
        return joined;
    }
    for (size_t i = 1; i < count && joined; i++) {
        joined = arena_printf(check->arena, "%s%s%s", joined, i + 1 < count ? ", " : " or ",
                              json_string_value(json_array_get(types, i)));
    }
    check->no_memory = check->no_memory || !joined;
    return joined ? joined : "";
}

bool schema_type(struct schema_check *check, const struct schema_use *use,
                 const struct schema_spot *spot, struct schema_marks *marks) {
    (void)marks;
    const char *wanted = json_string_value(use->value);
    if (wanted) {
        return is_of_type(spot->value, wanted) ||
               schema_refuses(check, use, spot, "This must be of the type %s, and is %s", wanted,
                              json_type_name(spot->value));
    }
    for (size_t i = 0; i < json_array_size(use->value); i++) {
        if (is_of_type(spot->value, json_string_value(json_array_get(use->value, i)))) {
            return true;
        }
    }
    return schema_refuses(check, use, spot, "This must be of the type %s, and is %s",
                          join_types(check, use->value), json_type_name(spot->value));
}

// The first few values that are allowed.
static const char *join_values(struct schema_check *check, const json_t *values) {
    enum { MOST = 5 };
    size_t count = json_array_size(values);
    const char *joined = "";
    if (check->quiet && check->quiet->is_ignored) {
        return joined;
    }
    for (size_t i = 0; i < count && i < MOST && joined; i++) {
        const char *shown = schema_shown(check, json_array_get(values, i));
        joined = arena_printf(check->arena, "%s%s%s", joined, i ? ", " : "", shown ? shown : "");
    }
    if (joined && count > MOST) {
        joined = arena_printf(check->arena, "%s and %zu more", joined, count - MOST);
    }
    check->no_memory = check->no_memory || !joined;
    return joined ? joined : "";
}

bool schema_enum(struct schema_check *check, const struct schema_use *use,
                 const struct schema_spot *spot, struct schema_marks *marks) {
    (void)marks;
    for (size_t i = 0; i < json_array_size(use->value); i++) {
        if (json_value_equals(json_array_get(use->value, i), spot->value, &check->steps)) {
            return true;
        }
    }
    return schema_refuses(check, use, spot, "This must be one of %s",
                          join_values(check, use->value));
}

bool schema_const(struct schema_check *check, const struct schema_use *use,
                  const struct schema_spot *spot, struct schema_marks *marks) {
    (void)marks;
    return json_value_equals(use->value, spot->value, &check->steps) ||
           schema_refuses(check, use, spot, "This must be %s", schema_shown(check, use->value));
}

bool schema_multiple_of(struct schema_check *check, const struct schema_use *use,
                        const struct schema_spot *spot, struct schema_marks *marks) {
    (void)marks;
    return json_value_is_multiple(spot->value, use->value) ||
           schema_refuses(check, use, spot, "This must be a multiple of %s",
                          schema_shown(check, use->value));
}

bool schema_maximum(struct schema_check *check, const struct schema_use *use,
                    const struct schema_spot *spot, struct schema_marks *marks) {
    (void)marks;
    return json_value_order(spot->value, use->value) <= 0 ||
           schema_refuses(check, use, spot, "This must be %s or less",
                          schema_shown(check, use->value));
}

bool schema_exclusive_maximum(struct schema_check *check, const struct schema_use *use,
                              const struct schema_spot *spot, struct schema_marks *marks) {
    (void)marks;
    return json_value_order(spot->value, use->value) < 0 ||
           schema_refuses(check, use, spot, "This must be less than %s",
                          schema_shown(check, use->value));
}

bool schema_minimum(struct schema_check *check, const struct schema_use *use,
                    const struct schema_spot *spot, struct schema_marks *marks) {
    (void)marks;
    return json_value_order(spot->value, use->value) >= 0 ||
           schema_refuses(check, use, spot, "This must be %s or more",
                          schema_shown(check, use->value));
}

bool schema_exclusive_minimum(struct schema_check *check, const struct schema_use *use,
                              const struct schema_spot *spot, struct schema_marks *marks) {
    (void)marks;
    return json_value_order(spot->value, use->value) > 0 ||
           schema_refuses(check, use, spot, "This must be greater than %s",
                          schema_shown(check, use->value));
}

// What counts have in common: how many there are, and what they are.
struct counted {
    size_t count;
    const char *what;
};

static bool at_most(struct schema_check *check, const struct schema_use *use,
                    const struct schema_spot *spot, struct counted counted) {
    return (double)counted.count <= json_number_value(use->value) ||
           schema_refuses(check, use, spot, "This may have at most %s %s, and has %zu",
                          schema_shown(check, use->value), counted.what, counted.count);
}

static bool at_least(struct schema_check *check, const struct schema_use *use,
                     const struct schema_spot *spot, struct counted counted) {
    return (double)counted.count >= json_number_value(use->value) ||
           schema_refuses(check, use, spot, "This must have at least %s %s, and has %zu",
                          schema_shown(check, use->value), counted.what, counted.count);
}

static struct text text_of(const json_t *string) {
    return (struct text){json_string_value(string), json_string_length(string)};
}

static struct counted characters_of(struct schema_check *check, const json_t *string) {
    schema_spend(check, json_string_length(string) / 64);
    return (struct counted){count_characters(text_of(string)), "characters"};
}

bool schema_max_length(struct schema_check *check, const struct schema_use *use,
                       const struct schema_spot *spot, struct schema_marks *marks) {
    (void)marks;
    return at_most(check, use, spot, characters_of(check, spot->value));
}

bool schema_min_length(struct schema_check *check, const struct schema_use *use,
                       const struct schema_spot *spot, struct schema_marks *marks) {
    (void)marks;
    return at_least(check, use, spot, characters_of(check, spot->value));
}

bool schema_matches_pattern(struct schema_check *check, const struct schema_use *use,
                            const struct schema_spot *spot, struct schema_marks *marks) {
    (void)marks;
    return schema_pattern_matches(check, use->patterns, text_of(spot->value)) ||
           schema_refuses(check, use, spot, "This does not match the pattern %s",
                          schema_shown(check, use->value));
}

bool schema_max_items(struct schema_check *check, const struct schema_use *use,
                      const struct schema_spot *spot, struct schema_marks *marks) {
    (void)marks;
    return at_most(check, use, spot, (struct counted){json_array_size(spot->value), "items"});
}

bool schema_min_items(struct schema_check *check, const struct schema_use *use,
                      const struct schema_spot *spot, struct schema_marks *marks) {
    (void)marks;
    return at_least(check, use, spot, (struct counted){json_array_size(spot->value), "items"});
}

bool schema_max_properties(struct schema_check *check, const struct schema_use *use,
                           const struct schema_spot *spot, struct schema_marks *marks) {
    (void)marks;
    return at_most(check, use, spot, (struct counted){json_object_size(spot->value), "members"});
}

bool schema_min_properties(struct schema_check *check, const struct schema_use *use,
                           const struct schema_spot *spot, struct schema_marks *marks) {
    (void)marks;
    return at_least(check, use, spot, (struct counted){json_object_size(spot->value), "members"});
}

// Items by their hash, so that only those are compared that may be equal.
struct hashed {
    const json_t **slots;
    uint64_t *hashes;
    size_t *indexes;
    size_t room; // a power of two
};

static bool hashed_init(struct schema_check *check, size_t count, struct hashed *ret_hashed) {
    size_t room = 8;
    while (room < count * 2) {
        room *= 2;
    }
    *ret_hashed = (struct hashed){arena_array(check->arena, room, sizeof(const json_t *)),
                                  arena_array(check->arena, room, sizeof(uint64_t)),
                                  arena_array(check->arena, room, sizeof(size_t)), room};
    schema_spend(check, room / 2);
    bool whole = ret_hashed->slots && ret_hashed->hashes && ret_hashed->indexes;
    check->no_memory = check->no_memory || !whole;
    return whole;
}

// The index of an equal item that was there before; else adds this one and returns its own index.
static size_t hashed_add(struct schema_check *check, struct hashed *hashed, const json_t *item,
                         size_t index) {
    uint64_t hash = json_value_hash(item, &check->steps);
    size_t at = (size_t)(hash ^ hash >> 32) & (hashed->room - 1);
    for (; hashed->slots[at]; at = (at + 1) & (hashed->room - 1)) {
        schema_spend(check, 1);
        if (hashed->hashes[at] == hash &&
            json_value_equals(hashed->slots[at], item, &check->steps)) {
            return hashed->indexes[at];
        }
    }
    hashed->slots[at] = item;
    hashed->hashes[at] = hash;
    hashed->indexes[at] = index;
    return index;
}

bool schema_unique_items(struct schema_check *check, const struct schema_use *use,
                         const struct schema_spot *spot, struct schema_marks *marks) {
    (void)marks;
    size_t count = json_array_size(spot->value);
    struct hashed hashed;
    if (json_is_false(use->value) || count < 2 || !hashed_init(check, count, &hashed)) {
        return true;
    }
    for (size_t i = 0; i < count && check->steps; i++) {
        size_t same = hashed_add(check, &hashed, json_array_get(spot->value, i), i);
        if (same != i) {
            return schema_refuses(check, use, spot, "The items %zu and %zu are equal", same, i);
        }
    }
    return true;
}

static bool has_all(struct schema_check *check, const struct schema_use *use,
                    const struct schema_spot *spot, const json_t *names) {
    bool has = true;
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *name = json_string_value(json_array_get(names, i));
        if (!schema_spend(check, 1)) {
            return false;
        }
        if (!json_object_get(spot->value, name)) {
            has = schema_refuses(check, use, spot, "The key %s is missing",
                                 schema_shown(check, json_array_get(names, i)));
        }
    }
    return has;
}

bool schema_required(struct schema_check *check, const struct schema_use *use,
                     const struct schema_spot *spot, struct schema_marks *marks) {
    (void)marks;
    return has_all(check, use, spot, use->value);
}

bool schema_dependent_required(struct schema_check *check, const struct schema_use *use,
                               const struct schema_spot *spot, struct schema_marks *marks) {
    (void)marks;
    const char *name;
    json_t *names;
    bool has = true;
    json_object_foreach((json_t *)use->value, name, names) {
        if (json_object_get(spot->value, name)) {
            has = has_all(check, use, spot, names) && has;
        }
    }
    return has;
}
