// SPDX-License-Identifier: MIT
// Decisions applied to walked records: which are withheld from the host, and which carry a warning or the
// environment's settings. Pure: records and the registry's rows in, two lists out. docs/DECISIONS.md has the
// rules for people.
#pragma once

#include "schema/decision.h"
#include "schema/record.h"

// How much a host obeys. WARN and OFF are for emergencies.
enum enforce {
    ENFORCE_ON,
    ENFORCE_STRICT, // also withholds what a listed environment does not know
    ENFORCE_WARN,   // withholds nothing; what would be withheld carries a warning
    ENFORCE_OFF,    // applies nothing but settings
};

// Finds a level by its name ("strict"). False when there is none.
bool enforce_find(const char *name, enum enforce *ret_enforce);
const char *enforce_name(enum enforce enforce); // static

// What an answer of the registry (or of a snapshot) says about other records of its groups. Borrowed.
struct decide_rules {
    const struct records *records;     // that the answer gives
    const struct decisions *decisions; // in the order of decisions_sort
    const char *const *groups;         // that were asked for: of the others nothing is known
    size_t group_count;
    const char *environment; // for the commands in hints
    bool is_listed;          // the environment takes only packages that it lists
    enum enforce enforce;
};

struct decider; // rules, indexed

// Indexes the rules, which must outlive *ret_decider. Arena. Fails with: NO_MEMORY.
enum status decider_new(struct arena *arena, const struct decide_rules *rules,
                        const struct decider **ret_decider, struct error *err);

// Applies them to the records of one list, before lists are merged: a withheld record shadows nothing. It
// moves from *records to the end of *withheld, with its decision as the first error. The others get their
// warnings and settings; their order stays. Arena. Fails with: NO_MEMORY.
enum status decide_records(struct arena *arena, const struct decider *decider,
                           struct records *records, struct records *withheld, struct error *err);
