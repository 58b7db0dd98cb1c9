// SPDX-License-Identifier: MIT
// From what requirements ask for to packages and nodes: a table of the names in the tables of a question, made when
// the first requirement needs it. Used by one thread.
#pragma once

#include "registryd/candidates/group_table.h"

struct requires_node;
struct version;

// What is known of a package without the graph (requires_rest.h).
enum requires_rest { REST_NEW, REST_REACHED, REST_STAYS, REST_MOVES };

// A name that is in a table of the question, or was asked for. It stays at its place.
struct requires_name {
    const char *name;              // normalised
    const struct package *package; // NULL: not in the registry, or to be looked up
    struct requires_node *node;    // NULL: the graph did not need it yet
    const struct package_release
        *own;                      // what the package gives by itself; NULL: nothing, or it is new
    const struct version *version; // of it; NULL: not read yet
    struct requires_name
        *next;       // that was reached after this one; at first, in the order of the tables
    uint32_t hash;   // of the name
    uint32_t key;    // of the version (plain_requirement.h)
    uint32_t number; // in the order of one walk
    enum requires_rest rest : 8;
    bool has_exceptions; // the environment sets rules aside for the package
};

struct requires_names {
    struct requires_name *first;  // of those in tables
    struct requires_name **slots; // a power of two; NULL at first
    size_t capacity;
    size_t count;
};

// The name that a requirement, or a name alone, asks for; `hash` is that of the name. NULL when it is not there.
struct requires_name *requires_names_find(const struct requires_names *names,
                                          const char *requirement, uint32_t hash);

// The name of a package; NULL when it is not there.
static inline struct requires_name *requires_names_of_package(const struct requires_names *names,
                                                              const struct package *package) {
    size_t at = package->name_hash & (names->capacity - 1);
    struct requires_name *name = names->capacity ? names->slots[at] : NULL;
    return name && name->package == package
               ? name
               : requires_names_find(names, package->name, package->name_hash);
}

// Adds a name that is not there. False when out of memory.
bool requires_names_add(struct requires_names *names, struct arena *arena,
                        struct requires_name *name);

// Puts the packages of the tables in; of those with one name, that of the first table. False when out of memory.
bool requires_names_fill(struct requires_names *names, struct arena *arena,
                         struct group_table *const *tables, size_t table_count);
