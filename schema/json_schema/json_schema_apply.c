// SPDX-License-Identifier: MIT
// The keywords that ask other schemas: of the same value (references, allOf, if …), of its items, of its members.
//
// A keyword of the second kind marks what it has judged, whatever the verdict: the marks of a schema that refuses are
// dropped with it.
#include "schema/json_schema/json_schema_check.h"

#include "schema/guess.h"
#include "schema/base/cleanup.h"
#include "schema/json/json.h"
#include "schema/json_schema/json_value.h"

#include <string.h>

// The description of schemas is no document here: what it says is what json_schema_shape.c knows.
static bool accepts_schema(struct schema_check *check, const struct schema_use *use,
                           const struct schema_spot *spot) {
    enum { STEPS_OF_A_VALUE = 20 }; // reading makes nodes
    size_t before = check->steps;
    json_value_hash(spot->value, &check->steps);
    return (schema_spend(check, (before - check->steps) * STEPS_OF_A_VALUE) &&
            schema_has_form(check->arena, spot->value)) ||
           schema_refuses(check, use, spot, "This is not a schema of draft 2020-12");
}

bool schema_ref(struct schema_check *check, const struct schema_use *use,
                const struct schema_spot *spot, struct schema_marks *marks) {
    if (use->is_dialect) {
        return accepts_schema(check, use, spot);
    }
    return schema_accepts(check, use->target, spot, marks);
}

// The outermost schema on the way that has the name decides, so that a schema can be widened from outside.
bool schema_dynamic_ref(struct schema_check *check, const struct schema_use *use,
                        const struct schema_spot *spot, struct schema_marks *marks) {
    const json_t *target = use->target;
    const struct schema_scope *scope = use->dynamic_name ? check->scope : NULL;
    for (; scope; scope = scope->outer) {
        const struct schema_anchor *anchor = scope->resource->anchors;
        for (; anchor; anchor = anchor->next) {
            if (anchor->is_dynamic && strcmp(anchor->name, use->dynamic_name) == 0) {
                target = anchor->schema;
            }
        }
    }
    return use->is_dialect ? accepts_schema(check, use, spot)
                           : schema_accepts(check, target, spot, marks);
}

bool schema_all_of(struct schema_check *check, const struct schema_use *use,
                   const struct schema_spot *spot, struct schema_marks *marks) {
    bool accepts = true;
    for (size_t i = 0; i < json_array_size(use->value); i++) {
        accepts = schema_accepts(check, json_array_get(use->value, i), spot, marks) && accepts;
    }
    return accepts;
}

// What alternatives have come to.
struct alternatives {
    size_t accepted; // how many
    size_t first;    // the first and the last of these
    size_t last;
    struct schema_mistake nearest; // of those that refuse
};

// For anyOf without marks the first that accepts is enough.
static void try_all(struct schema_check *check, const struct schema_use *use,
                    const struct schema_spot *spot, struct schema_marks *marks,
                    struct alternatives *ret) {
    bool is_any = use->keyword->evaluate == schema_any_of;
    *ret = (struct alternatives){.nearest.is_ignored = check->quiet && check->quiet->is_ignored};
    for (size_t i = 0; i < json_array_size(use->value); i++) {
        const json_t *schema = json_array_get(use->value, i);
        if (!schema_tries(check, schema, spot, marks, &ret->nearest)) {
            continue;
        }
        ret->first = ret->accepted ? ret->first : i;
        ret->last = i;
        ret->accepted++;
        if (is_any && !marks) {
            return; // with marks, all that accept count
        }
    }
}

static bool refuse_none(struct schema_check *check, const struct schema_use *use,
                        const struct schema_spot *spot, const struct alternatives *found) {
    const struct schema_mistake *nearest = &found->nearest;
    size_t count = json_array_size(use->value);
    if (!nearest->where || !nearest->message) {
        return schema_refuses(check, use, spot, "None of %zu alternatives fits", count);
    }
    return schema_refuses(check, use, spot,
                          "None of %zu alternatives fits; of the nearest one, \"%s\": %s", count,
                          nearest->where, nearest->message);
}

bool schema_any_of(struct schema_check *check, const struct schema_use *use,
                   const struct schema_spot *spot, struct schema_marks *marks) {
    struct alternatives found;
    try_all(check, use, spot, marks, &found);
    return found.accepted || refuse_none(check, use, spot, &found);
}

bool schema_one_of(struct schema_check *check, const struct schema_use *use,
                   const struct schema_spot *spot, struct schema_marks *marks) {
    struct alternatives found;
    try_all(check, use, spot, marks, &found);
    if (found.accepted > 1) {
        return schema_refuses(check, use, spot,
                              "Only one alternative may fit, and number %zu and number %zu do",
                              found.first + 1, found.last + 1);
    }
    return found.accepted || refuse_none(check, use, spot, &found);
}

// Only yes or no.
static bool is_accepted(struct schema_check *check, const json_t *schema,
                        const struct schema_spot *spot, struct schema_marks *marks) {
    struct schema_mistake ignored = {.is_ignored = true};
    return schema_tries(check, schema, spot, marks, &ignored);
}

bool schema_not(struct schema_check *check, const struct schema_use *use,
                const struct schema_spot *spot, struct schema_marks *marks) {
    (void)marks;
    return !is_accepted(check, use->value, spot, NULL) ||
           schema_refuses(check, use, spot, "This has the form that is ruled out here");
}

bool schema_if(struct schema_check *check, const struct schema_use *use,
               const struct schema_spot *spot, struct schema_marks *marks) {
    bool holds = is_accepted(check, use->value, spot, marks);
    const json_t *schema = schema_sibling(use, holds ? "then" : "else");
    return !schema || schema_accepts(check, schema, spot, marks);
}

bool schema_dependent_schemas(struct schema_check *check, const struct schema_use *use,
                              const struct schema_spot *spot, struct schema_marks *marks) {
    const char *name;
    json_t *schema;
    bool accepts = true;
    json_object_foreach((json_t *)use->value, name, schema) {
        if (json_object_get(spot->value, name)) {
            accepts = schema_accepts(check, schema, spot, marks) && accepts;
        }
    }
    return accepts;
}

static void mark(struct schema_marks *marks, size_t index) {
    if (marks) {
        marks->seen[index] = true;
    }
}

static bool item_accepted(struct schema_check *check, const json_t *schema,
                          const struct schema_spot *spot, size_t index) {
    struct schema_spot item = {
        .value = json_array_get(spot->value, index), .parent = spot, .index = index};
    return schema_spend(check, 1) && schema_accepts(check, schema, &item, NULL);
}

bool schema_prefix_items(struct schema_check *check, const struct schema_use *use,
                         const struct schema_spot *spot, struct schema_marks *marks) {
    bool accepts = true;
    size_t count = json_array_size(spot->value);
    for (size_t i = 0; i < json_array_size(use->value) && i < count; i++) {
        mark(marks, i);
        accepts = item_accepted(check, json_array_get(use->value, i), spot, i) && accepts;
    }
    return accepts;
}

// The items behind those of prefixItems.
bool schema_items(struct schema_check *check, const struct schema_use *use,
                  const struct schema_spot *spot, struct schema_marks *marks) {
    bool accepts = true;
    size_t i = json_array_size(schema_sibling(use, "prefixItems"));
    for (; i < json_array_size(spot->value) && check->steps; i++) {
        mark(marks, i);
        accepts = item_accepted(check, use->value, spot, i) && accepts;
    }
    return accepts;
}

bool schema_contains(struct schema_check *check, const struct schema_use *use,
                     const struct schema_spot *spot, struct schema_marks *marks) {
    const json_t *least = schema_sibling(use, "minContains");
    const json_t *most = schema_sibling(use, "maxContains");
    size_t found = 0;
    for (size_t i = 0; i < json_array_size(spot->value) && schema_spend(check, 1); i++) {
        struct schema_spot item = {
            .value = json_array_get(spot->value, i), .parent = spot, .index = i};
        if (is_accepted(check, use->value, &item, NULL)) {
            mark(marks, i);
            found++;
        }
    }
    if ((double)found < (least ? json_number_value(least) : 1)) {
        return schema_refuses(check, use, spot,
                              "%zu items have the form that is needed, and %s must have it", found,
                              least ? schema_shown(check, least) : "1");
    }
    return !most || (double)found <= json_number_value(most) ||
           schema_refuses(check, use, spot, "%zu items have this form, and at most %s may", found,
                          schema_shown(check, most));
}

bool schema_unevaluated_items(struct schema_check *check, const struct schema_use *use,
                              const struct schema_spot *spot, struct schema_marks *marks) {
    bool accepts = true;
    for (size_t i = 0; marks && i < marks->count && check->steps; i++) {
        if (!marks->seen[i]) {
            mark(marks, i);
            accepts = item_accepted(check, use->value, spot, i) && accepts;
        }
    }
    return accepts;
}

// A member of the object at `spot`, on the way through all of them.
struct schema_member {
    const struct schema_spot *spot;
    const char *key;
    bool is_seen; // an earlier keyword of the schema has judged it
};

// What a keyword finds about a member.
enum judgement { NOT_MINE, ACCEPTED, REFUSED };

typedef enum judgement judge_member(struct schema_check *check, const struct schema_use *use,
                                    const struct schema_member *member);

// Asks `judge` about each member, and marks those that it has judged.
static bool judge_members(struct schema_check *check, const struct schema_use *use,
                          const struct schema_spot *spot, struct schema_marks *marks,
                          judge_member *judge) {
    bool accepts = true;
    size_t i = 0;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)spot->value, key, value) {
        const struct schema_member member = {spot, key, marks && marks->seen[i]};
        enum judgement found = schema_spend(check, 1) ? judge(check, use, &member) : REFUSED;
        if (found != NOT_MINE) {
            mark(marks, i);
            accepts = found == ACCEPTED && accepts;
        }
        i++;
    }
    return accepts;
}

static bool member_accepted(struct schema_check *check, const json_t *schema,
                            const struct schema_member *member) {
    struct schema_spot spot = {.value = json_object_get(member->spot->value, member->key),
                               .parent = member->spot,
                               .key = member->key};
    return schema_accepts(check, schema, &spot, NULL);
}

static enum judgement judge_named(struct schema_check *check, const struct schema_use *use,
                                  const struct schema_member *member) {
    const json_t *schema = json_object_get(use->value, member->key);
    if (!schema) {
        return NOT_MINE;
    }
    return member_accepted(check, schema, member) ? ACCEPTED : REFUSED;
}

bool schema_properties(struct schema_check *check, const struct schema_use *use,
                       const struct schema_spot *spot, struct schema_marks *marks) {
    return judge_members(check, use, spot, marks, judge_named);
}

static enum judgement judge_matching(struct schema_check *check, const struct schema_use *use,
                                     const struct schema_member *member) {
    enum judgement found = NOT_MINE;
    for (size_t p = 0; p < use->pattern_count && check->steps; p++) {
        const struct schema_pattern *pattern = &use->patterns[p];
        if (!schema_pattern_matches(check, pattern, text_from(member->key))) {
            continue;
        }
        bool is_good = member_accepted(check, pattern->schema, member) && found != REFUSED;
        found = is_good ? ACCEPTED : REFUSED;
    }
    return found;
}

bool schema_pattern_properties(struct schema_check *check, const struct schema_use *use,
                               const struct schema_spot *spot, struct schema_marks *marks) {
    return judge_members(check, use, spot, marks, judge_matching);
}

// Whether properties or patternProperties of the same schema know the key.
static bool is_named(struct schema_check *check, const struct schema_use *use, const char *key) {
    const struct schema_use *patterns = use->node->pattern_properties;
    if (json_object_get(schema_sibling(use, "properties"), key)) {
        return true;
    }
    for (size_t p = 0; patterns && p < patterns->pattern_count; p++) {
        if (schema_pattern_matches(check, &patterns->patterns[p], text_from(key))) {
            return true;
        }
    }
    return false;
}

// A key that no keyword knows, where none is allowed: the nearest known one may be what was meant.
static bool refuse_key(struct schema_check *check, const struct schema_use *use,
                       const struct schema_member *refused) {
    enum { LONGEST = 40 };
    const struct schema_spot *spot = refused->spot;
    const char *key = refused->key;
    struct guess guess = guess_begin(key, GUESS_TOO_FAR);
    const char *known;
    json_t *schema;
    struct schema_spot member = {
        .value = json_object_get(spot->value, key), .parent = spot, .key = key};
    json_object_foreach((json_t *)schema_sibling(use, "properties"), known, schema) {
        if (strlen(key) <= LONGEST && schema_spend(check, 1)) {
            guess_offer(&guess, known);
        }
    }
    return guess.nearest
               ? schema_refuses(check, use, &member, "This key is unknown; did you mean \"%s\"?",
                                guess.nearest)
               : schema_refuses(check, use, &member, "This key is unknown");
}

static enum judgement judge_rest(struct schema_check *check, const struct schema_use *use,
                                 const struct schema_member *member) {
    bool accepts = json_is_false(use->value) ? refuse_key(check, use, member)
                                             : member_accepted(check, use->value, member);
    return accepts ? ACCEPTED : REFUSED;
}

static enum judgement judge_additional(struct schema_check *check, const struct schema_use *use,
                                       const struct schema_member *member) {
    return is_named(check, use, member->key) ? NOT_MINE : judge_rest(check, use, member);
}

bool schema_additional_properties(struct schema_check *check, const struct schema_use *use,
                                  const struct schema_spot *spot, struct schema_marks *marks) {
    return judge_members(check, use, spot, marks, judge_additional);
}

static enum judgement judge_unevaluated(struct schema_check *check, const struct schema_use *use,
                                        const struct schema_member *member) {
    return member->is_seen ? NOT_MINE : judge_rest(check, use, member);
}

bool schema_unevaluated_properties(struct schema_check *check, const struct schema_use *use,
                                   const struct schema_spot *spot, struct schema_marks *marks) {
    return judge_members(check, use, spot, marks, judge_unevaluated);
}

static enum judgement judge_name(struct schema_check *check, const struct schema_use *use,
                                 const struct schema_member *member) {
    scoped(cleanup_json) json_t *name = json_string(member->key);
    if (!name) {
        check->no_memory = true;
        return REFUSED;
    }
    struct schema_spot spot = {
        .value = name, .parent = member->spot, .key = member->key, .is_key = true};
    return schema_accepts(check, use->value, &spot, NULL) ? ACCEPTED : REFUSED;
}

// Judges names and not values, so it marks nothing.
bool schema_property_names(struct schema_check *check, const struct schema_use *use,
                           const struct schema_spot *spot, struct schema_marks *marks) {
    (void)marks;
    return judge_members(check, use, spot, NULL, judge_name);
}
