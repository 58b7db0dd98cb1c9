// SPDX-License-Identifier: MIT
// Edges come from texts and markers alone, not from what is selected: so the units of packages that require each
// other are the same from whichever package, and whichever group, a walk begins. A requirement is read once a
// question, however many releases repeat it; most name nothing of the registry, and are not even parsed.
#include "registryd/rules/requires_graph.h"

#include "schema/base/list.h"

#include <string.h>

enum {
    BUDGET = 10000000,    // requirements judged for one question: some seconds
    MISSING_MAX = 10000,  // names looked up for one question
    EXTRAS_DEPTH_MAX = 8, // an extra that asks for an extra, and so on
};

void requires_init(struct requires *requires, struct facts *facts,
                   struct group_table *const *tables, size_t table_count,
                   const struct group_table *further) {
    *requires = (struct requires){.facts = facts,
                                  .tables = tables,
                                  .table_count = table_count,
                                  .further = further,
                                  .total_budget = BUDGET};
}

// ---- nodes ----

// The question is made again when these names have been looked up (selection.unloaded).
static void note_missing(struct requires *requires, const char *name) {
    struct strings *missing = &requires->missing;
    if (missing->count == MISSING_MAX) {
        return;
    }
    const char **grown = list_grow(requires->facts->arena, missing->items, missing->count,
                                   &requires->missing_capacity, sizeof *grown);
    requires->facts->no_memory |= !grown;
    if (grown) {
        missing->items = grown;
        grown[missing->count++] = name;
    }
}

// The package of a name: in a table of the question, or among the further ones.
static const struct package *find_package(struct requires *requires, const char *name) {
    const struct package *found = NULL;
    for (size_t i = 0; i < requires->table_count && !found; i++) {
        found = group_table_find(requires->tables[i], name);
    }
    if (found) {
        return found;
    }
    requires->looked_further = true;
    found = requires->further ? group_table_find(requires->further, name) : NULL;
    if (!found) {
        note_missing(requires, name);
    }
    return found && found->release_count ? found : NULL;
}

struct requires_node *requires_node_of(struct requires *requires, const char *name) {
    struct arena *arena = requires->facts->arena;
    struct requirement_memo_slot *slot = requirement_memo_find(&requires->nodes, arena, name);
    if (slot && slot->verdict) {
        return slot->verdict;
    }
    struct requires_node *node = slot ? arena_alloc(arena, sizeof *node) : NULL;
    const char *copy = node ? arena_strdup(arena, name) : NULL;
    if (!copy) {
        requires->facts->no_memory = true;
        return NULL;
    }
    // The caller's text may be a buffer on the stack, so the slot gets the copy.
    slot->text = copy;
    slot->verdict = node;
    *node = (struct requires_node){.name = copy};
    node->package = find_package(requires, copy);
    return node;
}

bool requires_add_node(struct requires *requires, struct requires_nodes *nodes,
                       struct requires_node *node) {
    struct requires_node **grown = list_grow(requires->facts->arena, nodes->items, nodes->count,
                                             &nodes->capacity, sizeof(struct requires_node *));
    requires->facts->no_memory |= !grown;
    if (grown) {
        nodes->items = grown;
        grown[nodes->count++] = node;
    }
    return grown;
}

// ---- requirements ----

static void read_requirement(struct requires *requires, struct requires_wish *wish) {
    struct facts *facts = requires->facts;
    enum status status =
        requirement_parse(facts->arena, text_from(wish->text), &wish->requirement, NULL);
    facts->no_memory |= status == STATUS_NO_MEMORY;
    if (!status) {
        wish->applies = requirement_applies(wish->requirement, &facts->markers);
    }
}

// What the host has is the matter of the rule requires-host, and an address brings its own file. So neither
// binds to a package of the registry.
static void judge(struct requires *requires, struct requires_wish *wish) {
    char name[LIMIT_NAME_BYTES + 1];
    if (!facts_read_name(wish->text, name) || facts_find_version(requires->facts, name)) {
        return;
    }
    struct requires_node *node = requires_node_of(requires, name);
    if (!node) {
        return;
    }
    if (node->package || requires->facts->have_count) {
        read_requirement(requires, wish);
    }
    if (wish->requirement && !wish->requirement->url) {
        wish->target = node->package ? node : NULL;
        wish->is_unknown = !node->package;
        requires->met_unknown = requires->met_unknown || wish->is_unknown;
    }
}

struct requires_wish *requires_wish_of(struct requires *requires, const char *text) {
    static struct requires_wish nothing;
    struct arena *arena = requires->facts->arena;
    struct requirement_memo_slot *slot = requirement_memo_find(&requires->wishes, arena, text);
    if (slot && slot->verdict) {
        return slot->verdict;
    }
    struct requires_wish *wish = slot ? arena_alloc(arena, sizeof *wish) : NULL;
    if (!wish) {
        requires->facts->no_memory = true;
        return &nothing;
    }
    slot->verdict = wish;
    *wish = (struct requires_wish){.text = text, .applies = {.truth = TRUTH_FALSE}};
    judge(requires, wish);
    return wish;
}

bool requires_binds(const struct requires_wish *wish) {
    return wish->target && wish->applies.truth != TRUTH_FALSE;
}

bool requires_binds_for(struct requires *requires, const struct requires_wish *wish,
                        const struct requires_wish *asking) {
    if (!wish->target || !wish->requirement->marker || wish->applies.truth != TRUTH_FALSE) {
        return false;
    }
    struct marker_environment markers = requires->facts->markers;
    markers.extras = (const char **)asking->requirement->extras;
    markers.extra_count = asking->requirement->extra_count;
    return requirement_applies(wish->requirement, &markers).truth != TRUTH_FALSE;
}

bool requires_is_bound(struct requires *requires, const struct package_release *release) {
    const struct release_terms *terms = release->terms;
    bool is_bound = false;
    // All are judged: requires_warn asks only when an unknown one was met, also in a package that is excepted.
    for (size_t i = 0; i < terms->requirement_count; i++) {
        is_bound |= requires_binds(requires_wish_of(requires, terms->requirements[i]));
    }
    return is_bound;
}

// ---- edges ----

// The mark replaces a search in the list: an edge is added once.
static void add_edge(struct requires *requires, struct requires_node *node,
                     struct requires_node *target) {
    if (target->seen_by != node && requires_add_node(requires, &node->edges, target)) {
        target->seen_by = node;
    }
}

// Calls for each requirement of a package once: releases mostly repeat those of the release above.
struct texts {
    const struct package *package;
    uint32_t release;
    size_t at;
};

static const char *next_text(struct texts *texts) {
    while (texts->release < texts->package->release_count) {
        const struct package_release *release = &texts->package->releases[texts->release];
        bool is_repeated = texts->release && release->terms == release[-1].terms;
        if (!is_repeated && texts->at < release->terms->requirement_count) {
            return release->terms->requirements[texts->at++];
        }
        texts->release++;
        texts->at = 0;
    }
    return NULL;
}

// The extras that a requirement asks for bring requirements of the package it names.
static void add_edges_of_extras(struct requires *requires, struct requires_node *node,
                                struct requires_wish *asking, int depth) {
    if (!asking->requirement->extra_count || asking->seen_by == node || depth > EXTRAS_DEPTH_MAX) {
        return;
    }
    asking->seen_by = node;
    struct texts texts = {.package = asking->target->package};
    for (const char *text = next_text(&texts); text; text = next_text(&texts)) {
        struct requires_wish *wish = requires_wish_of(requires, text);
        if (requires_binds_for(requires, wish, asking)) {
            add_edge(requires, node, wish->target);
            add_edges_of_extras(requires, node, wish, depth + 1);
        }
    }
}

void requires_add_edges(struct requires *requires, struct requires_node *node) {
    struct texts texts = {.package = node->package};
    for (const char *text = next_text(&texts); text; text = next_text(&texts)) {
        struct requires_wish *wish = requires_wish_of(requires, text);
        if (requires_binds(wish)) {
            add_edge(requires, node, wish->target);
            add_edges_of_extras(requires, node, wish, 0);
        }
    }
}

// ---- the chosen release ----

void requires_take(struct requires *requires, struct requires_node *node, size_t place) {
    struct facts *facts = requires->facts;
    node->place = place;
    node->chosen = rules_choose(&node->subject, &node->place);
    node->version = NULL;
    if (node->chosen) {
        enum status status =
            version_parse(facts->arena, text_from(node->chosen->version), &node->version, NULL);
        facts->no_memory |= status == STATUS_NO_MEMORY;
    }
}
