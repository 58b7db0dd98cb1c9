// SPDX-License-Identifier: MIT
// A breadth-first walk over the releases that packages give by themselves. Requirements that refuse such a release
// mark their package, and the mark goes backwards over the pairs that the walk wrote down:
//
//     a -> b -> c    c 2 refuses what d gives: c, b and a move, and requires_unit.c settles them
//     e -> d         e and d stay
//
// What stays is the same in the graph: no turn of a unit gives up a release of which all that it requires stays.
#include "registryd/rules/requires_rest.h"

#include "registryd/candidates/plain_requirement.h"
#include "schema/base/list.h"

enum {
    EXTRAS_DEPTH_MAX = 8, // as in the graph
    EXTRAS_MAX = 100000,  // requirements judged for the extras that one package asks for
};

// ---- one requirement ----

bool requires_rest_asks(struct requires *requires, const struct package_release *release) {
    const struct release_terms *terms = facts_terms_of(requires->facts, release);
    for (size_t i = 0; i < terms->requirement_count; i++) {
        const struct release_requirement *requirement = &terms->requirements[i];
        if (requirement->name_hash && !requires_is_had(requires, requirement)) {
            return true;
        }
    }
    return false;
}

// A requirement that binds its package, and to what.
struct binding {
    const struct release_requirement *requirement;
    struct requires_wish *wish; // NULL: it is a range of versions
    struct requires_name *target;
};

// False: it binds to no package of the registry.
static bool find_binding(struct requires *requires, const struct release_requirement *requirement,
                         struct binding *binding) {
    bool may_have = facts_may_have(requires->facts, requirement);
    if (!requirement->name_hash || (may_have && requires_is_had(requires, requirement))) {
        return false;
    }
    *binding = (struct binding){.requirement = requirement};
    if (plain_is_range(requirement->range)) {
        binding->target =
            requires_names_find(&requires->names, requirement->text, requirement->name_hash);
        binding->target =
            binding->target ? binding->target
                            : requires_name_of(requires, requirement->text, requirement->name_hash);
        bool is_unknown = binding->target && !binding->target->package;
        requires->met_unknown |= is_unknown && requires->facts->have_count;
        return binding->target && !is_unknown;
    }
    binding->wish = requires_wish_of(requires, requirement);
    binding->target = requires_binds(binding->wish) ? binding->wish->target->of : NULL;
    return binding->target;
}

// Whether the requirement accepts what the package gives by itself.
static bool is_accepted(struct requires *requires, const struct binding *binding) {
    struct requires_name *target = binding->target;
    if (!target->own) {
        return false;
    }
    if (!binding->wish && target->key) {
        return plain_has(binding->requirement->range, target->key);
    }
    struct requires_wish *wish =
        binding->wish ? binding->wish : requires_wish_of(requires, binding->requirement);
    return requires_accepts(requires, wish, target->own->version, &target->version);
}

// ---- the walk ----

// The packages that one walk has reached, in a list, and what it does with a requirement.
struct rest_walk {
    struct requires *requires;
    struct requires_name *last;
    size_t count;
    bool writes_pairs; // once more over the same packages
    bool has_moving;
};

static void reach(struct rest_walk *walk, struct requires_name *name) {
    if (walk->last) {
        walk->last->next = name;
    }
    walk->last = name;
    name->next = NULL;
    name->number = (uint32_t)walk->count++;
    name->rest = REST_REACHED;
    size_t place = 0;
    struct rule_subject subject;
    rule_subject_init(&subject, walk->requires->facts, name->package);
    name->has_exceptions = subject.plugin && subject.plugin->exceptions.count;
    name->own = rules_choose(&subject, &place);
    name->key = name->own ? plain_key(name->own->version) : 0;
}

static void add_pair(struct requires *requires, const struct requires_name *from,
                     const struct requires_name *to) {
    struct requires_pairs *pairs = &requires->pairs;
    struct requires_pair *grown = list_grow(requires->facts->arena, pairs->items, pairs->count,
                                            &pairs->capacity, sizeof *grown);
    requires->facts->no_memory |= !grown;
    if (grown) {
        pairs->items = grown;
        grown[pairs->count++] = (struct requires_pair){from->number, to->number};
    }
}

// Whether the requirement is fulfilled, as far as is known now.
static bool follow(struct rest_walk *walk, const struct requires_name *from,
                   const struct binding *binding) {
    struct requires_name *target = binding->target;
    if (target->rest == REST_NEW) {
        reach(walk, target);
    }
    // What another walk reached is decided, and what moves makes `from` move now.
    if (walk->writes_pairs && target->rest == REST_REACHED) {
        add_pair(walk->requires, from, target);
    }
    return target->rest != REST_MOVES && is_accepted(walk->requires, binding);
}

// The usual case of follow, which then has nothing to do: a range has what a package gives that was reached before.
static inline bool is_met(const struct rest_walk *walk, const struct binding *binding) {
    const struct requires_name *target = binding->target;
    return target->rest == REST_REACHED && target->key && !binding->wish && !walk->writes_pairs &&
           plain_has(binding->requirement->range, target->key);
}

// Whether the requirements that the extras of `asking` bring are fulfilled, too.
// `left` bounds the work, since extras may ask for extras.
static bool follow_extras(struct rest_walk *walk, const struct requires_name *from,
                          const struct binding *asking, size_t *left, int depth) {
    struct requires *requires = walk->requires;
    if (!requires_has_extras(asking->wish) || depth == EXTRAS_DEPTH_MAX) {
        return true;
    }
    const struct release_terms *terms = facts_terms_of(requires->facts, asking->target->own);
    for (size_t i = 0; i < terms->requirement_count; i++) {
        struct binding inner = {.requirement = &terms->requirements[i]};
        // A range has no marker.
        if (plain_is_range(inner.requirement->range)) {
            continue;
        }
        inner.wish = requires_wish_of(requires, inner.requirement);
        if (!requires_binds_for(requires, inner.wish, asking->wish)) {
            continue;
        }
        inner.target = inner.wish->target->of;
        *left -= *left > 0;
        if (!*left || !follow(walk, from, &inner) ||
            !follow_extras(walk, from, &inner, left, depth + 1)) {
            return false;
        }
    }
    return true;
}

// Whether the environment sets the requirements of a package aside.
static bool is_excepted(struct requires *requires, const struct requires_name *name) {
    struct rule_subject subject;
    if (!name->has_exceptions) {
        return false;
    }
    rule_subject_init(&subject, requires->facts, name->package);
    return rules_except(&subject, "requires-plugin");
}

// The requirements of a package that is reached. When it is excepted they lead nowhere.
static void look_at(struct rest_walk *walk, struct requires_name *name) {
    struct requires *requires = walk->requires;
    const struct release_terms *terms = facts_terms_of(requires->facts, name->own);
    size_t first_pair = requires->pairs.count;
    size_t left = EXTRAS_MAX;
    bool is_good = true;
    bool is_bound = false;
    for (size_t i = 0; i < terms->requirement_count; i++) {
        struct binding binding;
        if (find_binding(requires, &terms->requirements[i], &binding)) {
            is_bound = true;
            is_good &= is_met(walk, &binding) ||
                       (follow(walk, name, &binding) &&
                        (!binding.wish || follow_extras(walk, name, &binding, &left, 0)));
        }
    }
    if (is_bound && is_excepted(requires, name)) {
        requires->pairs.count = first_pair;
    } else if (!is_good) {
        name->rest = REST_MOVES;
        walk->has_moving = true;
    }
}

static void look_at_all(struct rest_walk *walk, struct requires_name *first) {
    for (struct requires_name *name = first; name && !walk->requires->facts->no_memory;
         name = name->next) {
        if (name->own) {
            look_at(walk, name);
        }
    }
}

// ---- who moves ----

// The pairs by what they lead to: those to the package of number n come from the packages of numbers from[first[n]]
// up to from[first[n + 1]].
struct backwards {
    uint32_t *first;
    uint32_t *from;
};

// A counting sort. False when out of memory.
static bool turn_round(const struct rest_walk *walk, struct backwards *back) {
    const struct requires_pairs *pairs = &walk->requires->pairs;
    struct arena *arena = walk->requires->facts->arena;
    back->first = arena_array(arena, walk->count + 2, sizeof *back->first);
    back->from = arena_array(arena, pairs->count + 1, sizeof *back->from);
    if (!back->first || !back->from) {
        return false;
    }
    // One place further than they belong: putting the pairs in moves each begin to its place.
    for (size_t i = 0; i < pairs->count; i++) {
        back->first[pairs->items[i].to + 2]++;
    }
    for (size_t i = 2; i <= walk->count + 1; i++) {
        back->first[i] += back->first[i - 1];
    }
    for (size_t i = 0; i < pairs->count; i++) {
        back->from[back->first[pairs->items[i].to + 1]++] = pairs->items[i].from;
    }
    return true;
}

// Marks all that require a moving package. Each package is put on the stack once, when it is marked.
static void spread(const struct rest_walk *walk, struct requires_name *first) {
    struct facts *facts = walk->requires->facts;
    struct backwards back;
    uint32_t *stack = arena_array(facts->arena, walk->count, sizeof *stack);
    struct requires_name **names =
        arena_array(facts->arena, walk->count, sizeof(struct requires_name *));
    if (!stack || !names || !turn_round(walk, &back)) {
        facts->no_memory = true;
        return;
    }
    size_t depth = 0;
    for (struct requires_name *name = first; name; name = name->next) {
        names[name->number] = name;
        if (name->rest == REST_MOVES) {
            stack[depth++] = name->number;
        }
    }
    while (depth) {
        uint32_t to = stack[--depth];
        for (uint32_t i = back.first[to]; i < back.first[to + 1]; i++) {
            struct requires_name *name = names[back.from[i]];
            if (name->rest != REST_MOVES) {
                name->rest = REST_MOVES;
                stack[depth++] = name->number;
            }
        }
    }
}

// In the order of the tables, which is that of the memory: in any other each package would be waited for.
static void reach_all(struct rest_walk *walk, struct requires_name *first, bool with_others) {
    struct requires_name *name = first;
    while (name) {
        struct requires_name *next = with_others ? name->next : NULL;
        reach(walk, name);
        name = next;
    }
}

static void walk_from(struct requires *requires, struct requires_name *first, bool with_others) {
    struct rest_walk walk = {.requires = requires};
    reach_all(&walk, first, with_others);
    look_at_all(&walk, first);
    if (walk.has_moving) {
        requires->pairs.count = 0;
        walk.writes_pairs = true;
        look_at_all(&walk, first);
        spread(&walk, first);
    }
    for (struct requires_name *name = first; name; name = name->next) {
        name->rest = name->rest == REST_REACHED ? REST_STAYS : name->rest;
    }
}

void requires_rest_find(struct requires *requires, struct requires_name *name) {
    if (requires->asks_all) {
        requires->asks_all = false;
        walk_from(requires, requires->names.first, true);
    }
    if (name->rest == REST_NEW) {
        walk_from(requires, name, false);
    }
}
