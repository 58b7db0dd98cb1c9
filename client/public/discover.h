// SPDX-License-Identifier: MIT
// Discovery: what a host gets while its team moves from walking directories to the registry. Per group
// one of five modes says which source answers and which one fills gaps; every mode falls back rather
// than fail, and says so in a diagnostic. Pure: what the sources answered goes in, one list and its
// diagnostics come out.
#pragma once

#include "schema/decision.h"
#include "schema/parity.h"

enum discover_mode {
    DISCOVER_WALK,           // the directories alone, as today
    DISCOVER_WALK_FIRST,     // the directories; the registry adds what they lack
    DISCOVER_REGISTRY_FIRST, // the registry; the directories fill its gaps
    DISCOVER_REGISTRY,       // the registry alone
    DISCOVER_COMPARE,        // answers as walk, and tells every difference
};

// Finds a mode by its name ("walk-first"). False when there is none.
bool discover_mode_find(const char *name, enum discover_mode *ret_mode);
const char *discover_mode_name(enum discover_mode mode); // static

// Whether the mode asks the registry at all, and whether it walks although the registry answered.
bool discover_asks_registry(enum discover_mode mode);
bool discover_always_walks(enum discover_mode mode);

// What a source said (of the walk: what decisions left of it). With `error` NULL it answered `records`; else it could not, for that reason.
struct discover_source {
    const struct records *records; // of any groups; only those of the group asked for count
    const struct error *error;
};

struct discover_inputs {
    const char *group;
    enum discover_mode mode;
    struct discover_source walk;
    struct discover_source registry;
    const struct records
        *kept;           // the last-known-good answer, for when the registry has none; or NULL
    const char *kept_at; // when that was made, for people
    const struct decisions
        *decisions; // of the one that answers; sorted. Its owners alone matter here
};

// Everything lives in the arena of the call. `withheld` is not part of `records`: a host that loads
// all it is given must not have to look at a flag.
struct discovery {
    struct records records;      // sorted; the losers stand among them with shadowed_by set
    struct findings diagnostics; // about the sources; what is wrong with a plugin is in its record
    struct records withheld;     // by decisions; sorted. discover_merge leaves it empty
    struct decisions decisions;  // of the answer; likewise
};

// Merges what walk and registry say of one group. An entry point that both have is answered by the
// first source of the mode; the other one's is left out when it is the same plugin (same value, same
// version as far as known), and shadowed with a warning when it is not. A record that the registry gives of a package
// of which this host has nothing never takes the place of a walked plugin (discover_present.h). Arena.
// Fails with: NO_MEMORY.
enum status discover_merge(struct arena *arena, const struct discover_inputs *inputs,
                           struct discovery *ret_discovery, struct error *err);
