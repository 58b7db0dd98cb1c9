// SPDX-License-Identifier: MIT
// Edges come from texts and markers alone, not from what is selected: so the units of packages that require each
// other are the same from whichever package, and whichever group, a walk begins. A requirement is read once a
// question, however many releases repeat it. Most are plain or name nothing of the registry, and are never parsed.
#include "registryd/rules/requires_graph.h"

#include "registryd/candidates/requirement_name.h"
#include "registryd/candidates/plain_requirement.h"
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

// A name that is in no table of the question.
static struct requires_name *make_name(struct requires *requires, const char *requirement,
                                       uint32_t hash) {
    struct arena *arena = requires->facts->arena;
    char text[LIMIT_NAME_BYTES + 1];
    struct requires_name *name = arena_alloc(arena, sizeof *name);
    if (!name || !requirement_read_name(requirement, text)) {
        return NULL;
    }
    name->hash = hash;
    name->name = arena_strdup(arena, text);
    if (!name->name || !requires_names_add(&requires->names, arena, name)) {
        return NULL;
    }
    name->package = find_further(requires, name->name);
    return name;
}

struct requires_name *requires_name_of(struct requires *requires, const char *requirement,
                                       uint32_t hash) {
    struct requires_names *names = &requires->names;
    struct requires_name *name = requires_names_find(names, requirement, hash);
    if (name) {
        return name;
    }
    // The table is filled at the first call.
    bool is_filled = names->capacity;
    if (!is_filled && requires_names_fill(names, requires->facts->arena, requires->tables,
                                          requires->table_count)) {
        return requires_name_of(requires, requirement, hash);
    }
    name = is_filled ? make_name(requires, requirement, hash) : NULL;
    requires->facts->no_memory |= !name;
    return name;
}

struct requires_node *requires_node_of(struct requires *requires, const char *requirement,
                                       uint32_t hash) {
    struct requires_name *name = requires_name_of(requires, requirement, hash);
    if (!name || name->node) {
        return name ? name->node : NULL;
    }
    name->node = arena_alloc(requires->facts->arena, sizeof *name->node);
    requires->facts->no_memory |= !name->node;
    if (name->node) {
        *name->node =
            (struct requires_node){.name = name->name, .of = name, .package = name->package};
    }
    return name->node;
}

struct requires_node *requires_find_node(struct requires *requires, const struct package *package) {
    const struct requires_name *name = requires_names_of_package(&requires->names, package);
    return name ? name->node : NULL;
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

// The rules have judged most requirements before.
bool requires_is_had(struct requires *requires, const struct release_requirement *from) {
    return facts_may_have(requires->facts, from) &&
           facts_judge_requirement(requires->facts, from)->have;
}

// What the host has is the matter of the rule requires-host, and an address brings its own file. So neither
// binds to a package of the registry.
static void judge(struct requires *requires, struct requires_wish *wish,
                  const struct release_requirement *from) {
    *wish = (struct requires_wish){
        .text = from->text, .range = {1, 0}, .applies = {.truth = TRUTH_FALSE}};
    if (!from->name_hash || requires_is_had(requires, from)) {
        return;
    }
    struct requires_node *node = requires_node_of(requires, from->text, from->name_hash);
    if (!node || !(node->package || requires->facts->have_count)) {
        return;
    }
    wish->range = from->range;
    bool is_range = plain_is_range(from->range);
    wish->clauses = is_range ? NULL : plain_find_clauses(from->text);
    if (is_range || wish->clauses) {
        wish->applies.truth = TRUTH_TRUE;
    } else {
        read_requirement(requires, wish);
    }
    if (is_range || wish->clauses || (wish->requirement && !wish->requirement->url)) {
        wish->target = node->package ? node : NULL;
        wish->is_unknown = !node->package;
        requires->met_unknown = requires->met_unknown || wish->is_unknown;
    }
}

struct requires_wish *requires_wish_of(struct requires *requires,
                                       const struct release_requirement *from) {
    static struct requires_wish nothing = {.range = {1, 0}};
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
    judge(requires, wish, from);
    return wish;
}

// Plain ones name no extras and have no marker.
static bool is_plain(const struct requires_wish *wish) {
    return wish->clauses || plain_is_range(wish->range);
}

bool requires_has_extras(const struct requires_wish *wish) {
    return !is_plain(wish) && wish->requirement && wish->requirement->extra_count;
}

bool requires_accepts(struct requires *requires, struct requires_wish *wish, const char *text,
                      const struct version **version) {
    uint32_t key = plain_is_range(wish->range) ? plain_key(text) : 0;
    if (key) {
        return plain_has(wish->range, key);
    }
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
    if (!wish->target || is_plain(wish) || !wish->requirement->marker ||
        wish->applies.truth != TRUTH_FALSE) {
        return false;
    }
    struct marker_environment markers = requires->facts->markers;
    markers.extras = (const char **)asking->requirement->extras;
    markers.extra_count = asking->requirement->extra_count;
    return requirement_applies(wish->requirement, &markers).truth != TRUTH_FALSE;
}

// The wish of a requirement. That of a range is made in *own: judging it again costs less than a search by its text.
static struct requires_wish *wish_in(struct requires *requires,
                                     const struct release_requirement *from,
                                     struct requires_wish *own) {
    if (!plain_is_range(from->range)) {
        return requires_wish_of(requires, from);
    }
    judge(requires, own, from);
    return own;
}

const struct requires_wants *requires_wants_of(struct requires *requires,
                                               struct requires_node *node) {
    struct requires_wants *wants = &node->wants;
    const struct release_terms *terms = facts_terms_of(requires->facts, node->chosen);
    if (wants->terms == terms) {
        return wants;
    }
    *wants = (struct requires_wants){.terms = terms};
    size_t count = terms->requirement_count + 1;
    wants->items = arena_array(requires->facts->arena, count, sizeof(struct requires_wish *));
    struct requires_wish *own = arena_array(requires->facts->arena, count, sizeof *own);
    bool is_good = wants->items && own;
    requires->facts->no_memory |= !is_good;
    for (size_t i = 0; is_good && i < terms->requirement_count; i++) {
        struct requires_wish *wish = wish_in(requires, &terms->requirements[i], &own[i]);
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
    struct facts *facts;
    const struct package *package;
    uint32_t release;
    size_t at;
};

static const struct release_requirement *next_text(struct texts *texts) {
    while (texts->release < texts->package->release_count) {
        const struct package_release *release = &texts->package->releases[texts->release];
        const struct release_terms *terms = facts_terms_of(texts->facts, release);
        bool is_repeated = texts->release && terms == facts_terms_of(texts->facts, &release[-1]);
        if (!is_repeated && texts->at < terms->requirement_count) {
            return &terms->requirements[texts->at++];
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
    struct texts texts = {.facts = requires->facts, .package = asking->target->package};
    const struct release_requirement *text = next_text(&texts);
    for (; text; text = next_text(&texts)) {
        if (plain_is_range(text->range)) {
            continue;
        }
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
        const struct release_terms *terms = facts_terms_of(requires->facts, &package->releases[i]);
        if (i && terms == facts_terms_of(requires->facts, &package->releases[i - 1])) {
            continue;
        }
        size_t count = terms == wants->terms ? wants->count : terms->requirement_count;
        for (size_t j = 0; j < count; j++) {
            struct requires_wish own;
            struct requires_wish *wish = terms == wants->terms
                                             ? wants->items[j]
                                             : wish_in(requires, &terms->requirements[j], &own);
            if (requires_binds(wish)) {
                add_edges_of(requires, node, wish);
            }
        }
    }
}

// ---- the chosen release ----

// The place of what a package gives by itself (rules_choose).
static size_t place_of_own(const struct requires_node *node) {
    const struct package_release *own = node->of->own;
    size_t count = node->package->release_count;
    if (!own) {
        return 2 * count;
    }
    bool is_second = own->prerelease && !rules_take_prereleases(&node->subject);
    return (size_t)(own - node->package->releases) + (is_second ? count : 0);
}

void requires_take(struct requires_node *node, size_t place) {
    bool is_known = !place && node->of->rest != REST_NEW;
    node->place = is_known ? place_of_own(node) : place;
    node->chosen = is_known ? node->of->own : rules_choose(&node->subject, &node->place);
    node->version = NULL;
}
