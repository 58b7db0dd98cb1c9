// SPDX-License-Identifier: MIT
// From what requirements ask for to packages and nodes: a table of the names in the tables of a question, made when
// the first requirement needs it. Used by one thread.
#pragma once

#include "registryd/candidates/group_table.h"

struct requires_node;

struct requires_name {
    const char *name;              // normalised; NULL: unused
    const struct package *package; // in a table of the question
    struct requires_node *node;    // NULL: nothing asked for it yet
    uint32_t hash;                 // of the name
};

struct requires_names {
    struct requires_name *items; // a power of two; NULL at first
    size_t capacity;
    size_t count;
};

// The item of the name that a requirement, or a name alone, asks for; an unused one to fill when there is none.
// `hash` is that of the name. Who fills it sets name and hash, and raises `count`. NULL when out of memory.
struct requires_name *requires_names_find(struct requires_names *names, struct arena *arena,
                                          const char *requirement, uint32_t hash);

// Puts the packages of the tables in; of those with one name, that of the first table. False when out of memory.
bool requires_names_fill(struct requires_names *names, struct arena *arena,
                         struct group_table *const *tables, size_t table_count);
