// SPDX-License-Identifier: MIT
// The walk. A package of which the best release asks for nothing is done at once, and one that stays as it is
// (requires_rest.c) nearly so: those are most packages. Any other becomes a node of the graph; Tarjan's algorithm then
// hands out units, required ones first, and requires_unit.c settles each. The way is kept in a list, since chains may
// be thousands long.
#include "registryd/rules/requires.h"

#include "registryd/rules/requires_rest.h"
#include "registryd/rules/requires_unit.h"

#include <string.h>

// Reaches a node. One that the environment excepts from its requirements has no edges, and nor has one whose
// best release has none: nothing can make it give that release up.
static void reach(struct requires *requires, struct requires_node *node) {
    node->state = REQUIRES_OPEN;
    node->number = node->low = ++requires->number;
    rule_subject_init(&node->subject, requires->facts, node->package);
    requires_take(node, 0);
    if (node->chosen && requires_wants_of(requires, node)->count &&
        !rules_except(&node->subject, "requires-plugin")) {
        requires_add_edges(requires, node);
    }
    requires_add_node(requires, &requires->path, node);
    requires_add_node(requires, &requires->open, node);
}

// Takes the unit off the open nodes that was entered at `node`, and settles it.
static void close_unit(struct requires *requires, const struct requires_node *node) {
    size_t first = requires->open.count;
    do {
        requires->open.items[--first]->unit = node->number;
    } while (requires->open.items[first] != node);
    size_t count = requires->open.count - first;
    if (node->edges.count) {
        requires_settle(requires, requires->open.items + first, count);
    }
    for (size_t i = first; i < requires->open.count; i++) {
        requires->open.items[i]->state = REQUIRES_DONE;
    }
    requires->open.count = first;
}

// Goes on from the last node of the way: to the next required package, or back.
// One step of the depth-first search without recursion: a chain of thousands of packages must not
// exhaust the stack.
static void step(struct requires *requires) {
    struct requires_node *node = requires->path.items[requires->path.count - 1];
    if (node->next_edge < node->edges.count) {
        struct requires_node *target = node->edges.items[node->next_edge++];
        if (target->state == REQUIRES_NEW) {
            reach(requires, target);
        } else if (target->state == REQUIRES_OPEN && target->number < node->low) {
            node->low = target->number;
        }
        return;
    }
    requires->path.count--;
    if (node->low == node->number) {
        close_unit(requires, node);
    }
    struct requires_node *before =
        requires->path.count ? requires->path.items[requires->path.count - 1] : NULL;
    if (before && node->low < before->low) {
        before->low = node->low;
    }
}

// The release that the graph settles on.
static const struct package_release *choose_in_graph(struct requires *requires,
                                                     const struct package *package) {
    struct requires_node *node = requires_node_of(requires, package->name, package->name_hash);
    if (node && node->state == REQUIRES_NEW) {
        reach(requires, node);
        while (requires->path.count && !requires->facts->no_memory) {
            step(requires);
        }
    }
    return node && !requires->facts->no_memory ? node->chosen : NULL;
}

// Most packages of most questions end here: what they require the host has. No table of names is made for them.
static bool asks_nothing(struct requires *requires, const struct package *package,
                         const struct package_release **ret_release) {
    struct rule_subject subject;
    size_t place = 0;
    rule_subject_init(&subject, requires->facts, package);
    *ret_release = rules_choose(&subject, &place);
    return !*ret_release || !requires_rest_asks(requires, *ret_release);
}

const struct package_release *requires_choose(struct requires *requires,
                                              const struct package *package) {
    const struct package_release *release;
    if (!requires->names.capacity && asks_nothing(requires, package, &release)) {
        return release;
    }
    struct requires_name *name = requires_names_of_package(&requires->names, package);
    name = name ? name : requires_name_of(requires, package->name, package->name_hash);
    if (!name || requires->facts->no_memory) {
        return NULL;
    }
    // Two tables may have a package as it was before and after a change.
    if (name->package != package && (asks_nothing(requires, package, &release) || !name->package)) {
        return release;
    }
    if (name->rest == REST_NEW) {
        requires_rest_find(requires, name);
    }
    if (requires->facts->no_memory) {
        return NULL;
    }
    return name->rest == REST_STAYS ? name->own : choose_in_graph(requires, package);
}

// ---- words ----

// Why nothing is selected of a required package, as the code of its newest release.
static const char *code_of_none(const struct requires_node *node) {
    const struct rule *rule = rules_find(&node->subject, &node->package->releases[0]);
    return rule ? rule->code : "requires-plugin";
}

static const char *describe_fall(struct requires *requires, const struct requires_fall *fall) {
    struct arena *arena = requires->facts->arena;
    if (!fall->wish) {
        return "The packages that this release and others require of each other could not be "
               "settled within the limit";
    }
    const struct requires_node *target = fall->wish->target;
    const char *text = fall->wish->text;
    const char *unknown = "";
    if (fall->wish->applies.truth == TRUTH_UNKNOWN) {
        unknown = arena_printf(arena,
                               ". The environment does not state \"%s\", so the requirement counts",
                               marker_variable_name(fall->wish->applies.unknown));
    }
    if (!unknown) {
        return NULL;
    }
    if (!fall->version) {
        return arena_printf(arena,
                            "The release requires %s, but no release of %s is selected (%s)%s",
                            text, target->name, code_of_none(target), unknown);
    }
    return fall->is_hopeless
               ? arena_printf(arena,
                              "The release requires %s, but %s %s is selected, and no older one "
                              "would do%s",
                              text, target->name, fall->version, unknown)
               : arena_printf(arena, "The release requires %s, but %s %s is selected%s", text,
                              target->name, fall->version, unknown);
}

const char *requires_describe(struct requires *requires, const struct package *package,
                              const struct package_release *release) {
    const struct requires_node *node = requires_find_node(requires, package);
    if (!node) {
        return NULL;
    }
    const struct requires_fall *fall = node->falls;
    // The last fall stands first, so the most recent reason is given.
    while (fall && strcmp(fall->release->version, release->version) != 0) {
        fall = fall->next;
    }
    const char *sentence = fall ? describe_fall(requires, fall) : NULL;
    requires->facts->no_memory |= fall && !sentence;
    return sentence;
}

void requires_warn(struct requires *requires, const struct package_release *release,
                   struct findings *findings) {
    const struct release_terms *terms = facts_terms_of(requires->facts, release);
    bool is_asked = requires->met_unknown && requires->facts->have_count;
    for (size_t i = 0; is_asked && i < terms->requirement_count; i++) {
        const struct requires_wish *wish = requires_wish_of(requires, &terms->requirements[i]);
        if (wish->is_unknown && wish->applies.truth == TRUTH_TRUE) {
            findings_add(findings, SEVERITY_WARNING, "requires-unknown", NULL,
                         "State it in the facts of the environment, or publish the package",
                         "The release requires %s, which neither the registry nor the environment "
                         "knows",
                         wish->text);
        }
    }
}
