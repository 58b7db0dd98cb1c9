// SPDX-License-Identifier: MIT
// Edges come from texts and markers alone, not from what is selected: so the units of packages that require each
// other are the same from whichever package, and whichever group, a walk begins. A requirement is read once a
// question, however many releases repeat it. Most are plain or name nothing of the registry, and are never parsed.
#include "registryd/rules/requires_graph.h"

#include "registryd/candidates/requirement_name.h"
#include "registryd/rules/requires_plain.h"
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

// The package of a name that is in no table of the question, among the further ones.
static const struct package *find_further(struct requires *requires, const char *name) {
    requires->looked_further = true;
    const struct package *found =
        requires->further ? group_table_find(requires->further, name) : NULL;
    if (!found) {
        note_missing(requires, name);
    }
    return found && found->release_count ? found : NULL;
}

static struct requires_node *make_node(struct requires *requires, const char *requirement,
                                       const struct package *package) {
    struct arena *arena = requires->facts->arena;
    struct requires_node *node = arena_alloc(arena, sizeof *node);
    if (!node) {
        return NULL;
    }
    *node = (struct requires_node){.package = package};
    if (package) {
        node->name = package->name;
        return node;
    }
    char name[LIMIT_NAME_BYTES + 1];
    node->name = requirement_read_name(requirement, name) ? arena_strdup(arena, name) : NULL;
    if (!node->name) {
        return NULL;
    }
    node->package = find_further(requires, node->name);
    return node;
}

// The item of a name, in the table of names, which is filled at the first call.
static struct requires_name *find_name(struct requires *requires, const char *requirement,
                                       uint32_t hash) {
    struct arena *arena = requires->facts->arena;
    struct requires_names *names = &requires->names;
    bool is_filled = names->capacity ||
                     requires_names_fill(names, arena, requires->tables, requires->table_count);
    struct requires_name *item =
        is_filled ? requires_names_find(names, arena, requirement, hash) : NULL;
    requires->facts->no_memory |= !item;
    return item;
}

struct requires_node *requires_node_of(struct requires *requires, const char *requirement,
                                       uint32_t hash) {
    struct requires_name *item = find_name(requires, requirement, hash);
    if (!item || item->node) {
        return item ? item->node : NULL;
    }
    item->node = make_node(requires, requirement, item->package);
    requires->facts->no_memory |= !item->node;
    if (item->node && !item->name) {
        item->name = item->node->name;
        item->hash = hash;
        requires->names.count++;
    }
    return item->node;
}

struct requires_node *requires_find_node(struct requires *requires, const struct package *package) {
    struct requires_name *item =
        requires->names.capacity ? find_name(requires, package->name, package->name_hash) : NULL;
    return item ? item->node : NULL;
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

// Whether the host has what is asked for.
static bool is_had(const struct facts *facts, const struct release_requirement *from) {
    char name[LIMIT_NAME_BYTES + 1];
    return facts_may_have(facts, from) && requirement_read_name(from->text, name) &&
           facts_find_version(facts, name);
}

// What the host has is the matter of the rule requires-host, and an address brings its own file. So neither
// binds to a package of the registry.
static void judge(struct requires *requires, struct requires_wish *wish,
                  const struct release_requirement *from) {
    if (!from->name_hash || is_had(requires->facts, from)) {
        return;
    }
    struct requires_node *node = requires_node_of(requires, from->text, from->name_hash);
    if (!node || !(node->package || requires->facts->have_count)) {
        return;
    }
    wish->clauses = plain_find_clauses(from->text);
    if (wish->clauses) {
        wish->applies.truth = TRUTH_TRUE;
    } else {
        read_requirement(requires, wish);
    }
    if (wish->clauses || (wish->requirement && !wish->requirement->url)) {
        wish->target = node->package ? node : NULL;
        wish->is_unknown = !node->package;
        requires->met_unknown = requires->met_unknown || wish->is_unknown;
    }
}

struct requires_wish *requires_wish_of(struct requires *requires,
                                       const struct release_requirement *from) {
    static struct requires_wish nothing;
    struct arena *arena = requires->facts->arena;
    struct requirement_memo_slot *slot =
        requirement_memo_find(&requires->wishes, arena, from->text, from->text_hash);
    if (slot && slot->verdict) {
        return slot->verdict;
    }
    struct requires_wish *wish = slot ? arena_alloc(arena, sizeof *wish) : NULL;
    if (!wish) {
        requires->facts->no_memory = true;
        return &nothing;
    }
    slot->verdict = wish;
    *wish = (struct requires_wish){.text = from->text, .applies = {.truth = TRUTH_FALSE}};
    judge(requires, wish, from);
    return wish;
}

bool requires_has_extras(const struct requires_wish *wish) {
    return !wish->clauses && wish->requirement && wish->requirement->extra_count;
}

bool requires_accepts(struct requires *requires, struct requires_wish *wish, const char *text,
                      const struct version **version) {
    enum plain_verdict verdict = wish->clauses ? plain_judge(wish->clauses, text) : PLAIN_UNKNOWN;
    if (verdict != PLAIN_UNKNOWN) {
        return verdict == PLAIN_ACCEPTS;
    }
    if (!wish->requirement) {
        read_requirement(requires, wish);
    }
    if (!*version) {
        enum status status = version_parse(requires->facts->arena, text_from(text), version, NULL);
        requires->facts->no_memory |= status == STATUS_NO_MEMORY;
    }
    return *version && wish->requirement &&
           specifier_set_contains(wish->requirement->specifiers, *version, PRERELEASES_ALLOW);
}

bool requires_binds(const struct requires_wish *wish) {
    return wish->target && wish->applies.truth != TRUTH_FALSE;
}

bool requires_binds_for(struct requires *requires, const struct requires_wish *wish,
                        const struct requires_wish *asking) {
    if (!wish->target || wish->clauses || !wish->requirement->marker ||
        wish->applies.truth != TRUTH_FALSE) {
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
        is_bound |= requires_binds(requires_wish_of(requires, &terms->requirements[i]));
    }
    return is_bound;
}

const struct requires_wants *requires_wants_of(struct requires *requires,
                                               struct requires_node *node) {
    struct requires_wants *wants = &node->wants;
    const struct release_terms *terms = node->chosen->terms;
    if (wants->terms == terms) {
        return wants;
    }
    *wants = (struct requires_wants){.terms = terms};
    wants->items = arena_array(requires->facts->arena, terms->requirement_count + 1,
                               sizeof(struct requires_wish *));
    requires->facts->no_memory |= !wants->items;
    for (size_t i = 0; wants->items && i < terms->requirement_count; i++) {
        struct requires_wish *wish = requires_wish_of(requires, &terms->requirements[i]);
        if (requires_binds(wish)) {
            wants->items[wants->count++] = wish;
        }
    }
    return wants;
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

static const struct release_requirement *next_text(struct texts *texts) {
    while (texts->release < texts->package->release_count) {
        const struct package_release *release = &texts->package->releases[texts->release];
        bool is_repeated = texts->release && release->terms == release[-1].terms;
        if (!is_repeated && texts->at < release->terms->requirement_count) {
            return &release->terms->requirements[texts->at++];
        }
        texts->release++;
        texts->at = 0;
    }
    return NULL;
}

// The extras that a requirement asks for bring requirements of the package it names.
static void add_edges_of_extras(struct requires *requires, struct requires_node *node,
                                struct requires_wish *asking, int depth) {
    if (!requires_has_extras(asking) || asking->seen_by == node || depth > EXTRAS_DEPTH_MAX) {
        return;
    }
    asking->seen_by = node;
    struct texts texts = {.package = asking->target->package};
    const struct release_requirement *text = next_text(&texts);
    for (; text; text = next_text(&texts)) {
        struct requires_wish *wish = requires_wish_of(requires, text);
        if (requires_binds_for(requires, wish, asking)) {
            add_edge(requires, node, wish->target);
            add_edges_of_extras(requires, node, wish, depth + 1);
        }
    }
}

static void add_edges_of(struct requires *requires, struct requires_node *node,
                         struct requires_wish *wish) {
    add_edge(requires, node, wish->target);
    add_edges_of_extras(requires, node, wish, 0);
}

// The chosen release mostly has the terms of all others: its requirements are at hand already.
void requires_add_edges(struct requires *requires, struct requires_node *node) {
    const struct requires_wants *wants = requires_wants_of(requires, node);
    const struct package *package = node->package;
    for (uint32_t i = 0; i < package->release_count; i++) {
        const struct release_terms *terms = package->releases[i].terms;
        if (i && terms == package->releases[i - 1].terms) {
            continue;
        }
        size_t count = terms == wants->terms ? wants->count : terms->requirement_count;
        for (size_t j = 0; j < count; j++) {
            struct requires_wish *wish = terms == wants->terms
                                             ? wants->items[j]
                                             : requires_wish_of(requires, &terms->requirements[j]);
            if (requires_binds(wish)) {
                add_edges_of(requires, node, wish);
            }
        }
    }
}

// ---- the chosen release ----

void requires_take(struct requires *requires, struct requires_node *node, size_t place) {
    (void) requires;
    node->place = place;
    node->chosen = rules_choose(&node->subject, &node->place);
    node->version = NULL;
}
