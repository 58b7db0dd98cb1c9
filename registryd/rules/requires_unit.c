// SPDX-License-Identifier: MIT
// Settling a unit: packages that require each other stand or fall together. Releases are only ever given up for
// the next in the order of preference, so it ends. Two steps take turns:
//
//     hopeless   a release is given up when no release that is left of a package it requires would do
//     refused    when none is hopeless, those are given up whose requirement does not accept what is selected
//                now. What is required may itself be given up in the same turn; so first only those that
//                require nothing of such, and when there are none, the first by name.
//
//     crm 3 requires base==3 | base 2 requires crm==2    crm 3 is hopeless: there is no base 3
//     crm 2 requires base==2 |                           crm 2 and base 2 accept each other
//
// Outside the unit everything is settled: only what is selected there counts. A package alone is a unit, too.
#include "registryd/rules/requires_unit.h"

#include <stdlib.h>
#include <string.h>

enum { EXTRAS_DEPTH_MAX = 8, UNIT_BUDGET = 1000000 };

static bool spend(struct requires *requires) {
    requires->budget -= requires->budget > 0;
    return requires->budget > 0;
}

// Whether the requirement accepts what is selected of its target.
static bool takes(struct requires *requires, struct requires_wish *wish) {
    struct requires_node *target = wish->target;
    if (!target->chosen || wish->fits == target->chosen) {
        return target->chosen;
    }
    bool is_good = requires_accepts(requires, wish, target->chosen->version, &target->version);
    wish->fits = is_good ? target->chosen : wish->fits;
    return is_good;
}

// The requirement that what is selected does not fulfil: this one, or one that its extras bring. NULL = it is
// fulfilled.
static const struct requires_wish *find_refused(struct requires *requires,
                                                struct requires_wish *wish, int depth) {
    const struct requires_node *target = wish->target;
    if (!spend(requires) || !takes(requires, wish)) {
        return wish;
    }
    if (!requires_has_extras(wish) || depth == EXTRAS_DEPTH_MAX) {
        return NULL;
    }
    const struct release_terms *terms = facts_terms_of(requires->facts, target->chosen);
    const struct requires_wish *refused = NULL;
    for (size_t i = 0; i < terms->requirement_count && !refused; i++) {
        if (plain_is_range(terms->requirements[i].range)) {
            continue;
        }
        struct requires_wish *inner = requires_wish_of(requires, &terms->requirements[i]);
        if (requires_binds_for(requires, inner, wish)) {
            refused = find_refused(requires, inner, depth + 1);
        }
    }
    return refused;
}

// Whether any release that is left of the required package would do.
static bool has_hope(struct requires *requires, const struct requires_node *node,
                     struct requires_wish *wish) {
    const struct requires_node *target = wish->target;
    bool is_inside = target->state == REQUIRES_OPEN && target->unit == node->unit;
    if (!spend(requires) || takes(requires, wish) || !is_inside) {
        return takes(requires, wish);
    }
    size_t place = target->place + 1;
    const struct package_release *release = rules_choose(&target->subject, &place);
    for (; release && spend(requires); release = rules_choose(&target->subject, &place)) {
        const struct version *version = NULL;
        if (requires_accepts(requires, wish, release->version, &version)) {
            return true;
        }
        place++;
    }
    return false;
}

// Gives the chosen release up for the next one.
static void fall(struct requires *requires, struct requires_node *node,
                 const struct requires_wish *wish, bool is_hopeless) {
    struct requires_fall *made = arena_alloc(requires->facts->arena, sizeof *made);
    requires->facts->no_memory |= !made;
    if (made) {
        const struct package_release *other = wish ? wish->target->chosen : NULL;
        *made = (struct requires_fall){.next = node->falls,
                                       .release = node->chosen,
                                       .wish = wish,
                                       .version = other ? other->version : NULL,
                                       .is_hopeless = is_hopeless};
        node->falls = made;
    }
    requires_take(node, node->place + 1);
}

// Which requirement of the chosen release nothing that is left would fulfil; NULL = none.
static const struct requires_wish *find_hopeless(struct requires *requires,
                                                 struct requires_node *node) {
    const struct requires_wants *wants = requires_wants_of(requires, node);
    for (size_t i = 0; i < wants->count; i++) {
        if (!has_hope(requires, node, wants->items[i])) {
            return wants->items[i];
        }
    }
    return NULL;
}

static void drop_hopeless(struct requires *requires, struct requires_node **nodes, size_t count) {
    bool is_changed = true;
    while (is_changed && requires->budget && !requires->facts->no_memory) {
        is_changed = false;
        for (size_t i = 0; i < count; i++) {
            const struct requires_wish *wish =
                nodes[i]->chosen ? find_hopeless(requires, nodes[i]) : NULL;
            if (wish && requires->budget) {
                bool is_inside = wish->target->unit == nodes[i]->unit && wish->target->chosen;
                fall(requires, nodes[i], wish, is_inside && wish->target != nodes[i]);
                is_changed = true;
            }
        }
    }
}

// The first requirement of the chosen release that what is selected does not fulfil.
static const struct requires_wish *find_first_refused(struct requires *requires,
                                                      struct requires_node *node) {
    const struct requires_wants *wants = requires_wants_of(requires, node);
    const struct requires_wish *refused = NULL;
    for (size_t i = 0; i < wants->count && !refused; i++) {
        refused = find_refused(requires, wants->items[i], 0);
    }
    return refused;
}

// Marks the nodes that are refused. Gives the first of them; NULL when there is none.
static struct requires_node *mark_refused(struct requires *requires, struct requires_node **nodes,
                                          size_t count) {
    struct requires_node *first = NULL;
    for (size_t i = 0; i < count; i++) {
        nodes[i]->refused = nodes[i]->chosen ? find_first_refused(requires, nodes[i]) : NULL;
        first = first || !nodes[i]->refused ? first : nodes[i];
    }
    return first;
}

// One turn of "refused". False when nothing is.
static bool drop_refused(struct requires *requires, struct requires_node **nodes, size_t count) {
    struct requires_node *first = mark_refused(requires, nodes, count);
    bool is_any_ripe = false;
    if (!first || !requires->budget) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const struct requires_wish *wish = nodes[i]->refused;
        // Outside the unit nothing is refused: `refused` of a settled node is NULL.
        if (wish && !wish->target->refused) {
            fall(requires, nodes[i], wish, false);
            is_any_ripe = true;
        }
    }
    if (!is_any_ripe) {
        fall(requires, first, first->refused, false);
    }
    return true;
}

static int compare_names(const void *left, const void *right) {
    return strcmp((*(struct requires_node *const *)left)->name,
                  (*(struct requires_node *const *)right)->name);
}

// The limit was reached: nothing of the unit is known to fit, but what stays whatever the others do.
static void give_up(struct requires *requires, struct requires_node **nodes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        bool is_known = nodes[i]->of->rest == REST_STAYS;
        while (!is_known && nodes[i]->chosen && !requires->facts->no_memory) {
            fall(requires, nodes[i], NULL, false);
        }
    }
}

// Whether everything fits as it is, which is the rule. Then the order of the nodes does not matter.
static bool is_at_rest(struct requires *requires, struct requires_node **nodes, size_t count) {
    return !mark_refused(requires, nodes, count) && requires->budget;
}

static void take_turns(struct requires *requires, struct requires_node **nodes, size_t count) {
    bool is_changed = true;
    if (count > 1) {
        qsort(nodes, count, sizeof(struct requires_node *), compare_names);
    }
    while (is_changed && !requires->facts->no_memory) {
        drop_hopeless(requires, nodes, count);
        is_changed = drop_refused(requires, nodes, count);
    }
}

void requires_settle(struct requires *requires, struct requires_node **nodes, size_t count) {
    size_t budget = requires->total_budget < UNIT_BUDGET ? requires->total_budget : UNIT_BUDGET;
    requires->budget = budget;
    if (!is_at_rest(requires, nodes, count)) {
        requires->budget = budget;
        take_turns(requires, nodes, count);
    }
    requires->total_budget -= budget - requires->budget;
    if (!requires->budget) {
        give_up(requires, nodes, count);
    }
    for (size_t i = 0; i < count; i++) {
        nodes[i]->refused = NULL;
    }
}
