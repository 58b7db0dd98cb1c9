// SPDX-License-Identifier: MIT
// The packages of one question that require each other, as a graph: a node for each package, an edge to what any of
// its releases may require, and the requirements themselves, read once. Used by one thread.
#pragma once

#include "registryd/candidates/group_table.h"
#include "registryd/rules/facts.h"
#include "registryd/rules/requires_names.h"
#include "registryd/rules/rules.h"

struct requires_node;

// A list of nodes that grows in the arena.
struct requires_nodes {
    struct requires_node **items;
    size_t count;
    size_t capacity;
};

// What one walk of requires_rest.c wrote down.
struct requires_pair { // by number: one package requires the other
    uint32_t from;
    uint32_t to;
};
struct requires_pairs {
    struct requires_pair *items;
    size_t count;
    size_t capacity;
};

struct requires {
    struct facts *facts;
    struct group_table *const *tables; // of the groups asked for
    size_t table_count;
    // Packages of no such table that are required. One without releases is not in the registry; one that is
    // not here at all goes to `missing`. NULL = nothing was looked up yet.
    const struct group_table *further;
    bool asks_all;       // every package of the tables will be asked for
    bool looked_further; // a name was asked for that is in none of the tables
    bool met_unknown;    // a requirement names what neither the registry nor the host has

    struct requirement_memo wishes; // by the text of a requirement
    struct requires_names names;    // packages and nodes
    struct requires_pairs pairs;    // of the last walk of requires_rest.c that met a moving package
    struct requires_nodes path;     // the way of the walk that is under way
    struct requires_nodes open;     // whose unit is not complete yet
    size_t number;                  // of the node that was reached last
    size_t budget;                  // how many requirements may still be judged in this unit
    size_t total_budget;            // and in all

    struct strings missing; // names to look up, in the order in which they were met; each once
    size_t missing_capacity;
};

// A requirement: the text of a release, judged. Shared by all releases that repeat the text, unless it is a range.
struct requires_wish {
    const char *text;
    const struct requirement *requirement; // NULL: it cannot be read, or is plain and was not yet
    const char *clauses; // of a plain one (plain_requirement.h); NULL: it is not, or is a range
    struct plain_range range;            // of versions, of most plain ones
    struct requires_node *target;        // NULL: no package of the registry, or the host has it
    bool is_unknown;                     // neither the registry nor the host has it
    struct marker_result applies;        // without extras
    const struct requires_node *seen_by; // mark of a walk over extras
    const struct package_release *fits;  // a release of the target that it accepts; NULL: unknown
};

// What a release requires of packages of the registry.
struct requires_wants {
    const struct release_terms *terms; // that it was made of; NULL: none yet
    struct requires_wish **items;
    size_t count;
};

// A release that was passed over.
struct requires_fall {
    struct requires_fall *next;
    const struct package_release *release;
    const struct requires_wish *wish; // NULL: the limit was reached
    const char *version; // of the required package at that moment; NULL = none was selected
    bool is_hopeless;    // no release of it that was left would do
};

enum requires_state { REQUIRES_NEW, REQUIRES_OPEN, REQUIRES_DONE };

// A package that requires others, or is required.
// `number`, `low` and `state` are those of Tarjan's algorithm. It finds units: packages that
// require each other in a circle, and so must be chosen together.
struct requires_node {
    const char *name;
    struct requires_name *of;
    const struct package *package; // NULL: not in the registry, or to be looked up
    struct rule_subject subject;
    size_t place;                         // of the chosen release, for rules_choose
    const struct package_release *chosen; // NULL: none
    const struct version *version;        // of the chosen release; NULL: not read yet
    struct requires_wants wants;          // of the chosen release, when it was asked for
    struct requires_nodes edges;          // what any of its releases may require
    size_t next_edge;
    enum requires_state state;
    size_t number;                       // in the order of the walk
    size_t low;                          // the least number that is reached from here
    size_t unit;                         // the number of the node where its unit was entered
    const struct requires_node *seen_by; // mark: in the list of edges of that node already
    const struct requires_wish *refused; // the first requirement that is not fulfilled
    struct requires_fall *falls;         // the last one first
};

// Texts and tables are borrowed.
void requires_init(struct requires *requires, struct facts *facts,
                   struct group_table *const *tables, size_t table_count,
                   const struct group_table *further);

// The requirement of a text; a static one that requires nothing when out of memory.
struct requires_wish *requires_wish_of(struct requires *requires,
                                       const struct release_requirement *from);

// Whether the requirement asks for a package of the registry when no extras are asked for. What cannot be
// evaluated counts.
bool requires_binds(const struct requires_wish *wish);

// Whether the requirement names extras. They may bring requirements of the target.
bool requires_has_extras(const struct requires_wish *wish);

// Whether the requirement accepts a version. *version is the one read from `text`; NULL: read it when need be.
bool requires_accepts(struct requires *requires, struct requires_wish *wish, const char *text,
                      const struct version **version);

// Whether the requirement applies because of these extras of `asking`, and would not without.
bool requires_binds_for(struct requires *requires, const struct requires_wish *wish,
                        const struct requires_wish *asking);

// Sets the first release that fits by itself from `place` on.
void requires_take(struct requires_node *node, size_t place);

// Whether the host has what is asked for.
bool requires_is_had(struct requires *requires, const struct release_requirement *from);

// What is known of the package that a requirement, or a name alone, asks for; `hash` is that of the name. NULL when out
// of memory.
struct requires_name *requires_name_of(struct requires *requires, const char *requirement,
                                       uint32_t hash);

// The node of the package that a requirement, or a name alone, asks for; `hash` is that of the name. NULL when out
// of memory.
struct requires_node *requires_node_of(struct requires *requires, const char *requirement,
                                       uint32_t hash);

// The node of a package; NULL when nothing asked for it yet, or out of memory.
struct requires_node *requires_find_node(struct requires *requires, const struct package *package);

// Appends a node. False when out of memory, which shows in facts->no_memory.
bool requires_add_node(struct requires *requires, struct requires_nodes *nodes,
                       struct requires_node *node);

// What the chosen release of a node requires of packages of the registry. It lasts until another is chosen.
const struct requires_wants *requires_wants_of(struct requires *requires,
                                               struct requires_node *node);

// Adds the edges of a node: to all that any of its releases may require.
void requires_add_edges(struct requires *requires, struct requires_node *node);
