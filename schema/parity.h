// SPDX-License-Identifier: MIT
// Compare: a directory walk against the registry, entry by entry; the result is a parity report.
// Pure: two lists in, one report out.
#pragma once

#include "schema/record.h"

// The same entry point on both sides, with what differs.
struct parity_pair {
    const struct record *walk;     // what the directories say
    const struct record *registry; // what the registry answers
};

struct parity_pairs {
    struct parity_pair *items;
    size_t count;
};

struct parity {
    const char *group;
    bool allow_empty;                    // the caller says that an empty group is meant to be empty
    size_t same;                         // pairs without any difference
    struct parity_pairs only_walk;       // .registry NULL
    struct parity_pairs only_registry;   // .walk NULL
    struct parity_pairs value;           // both, other object reference
    struct parity_pairs version;         // both, other version (one side unknown: no difference)
    struct parity_pairs manifest;        // both, same version, other manifest (one unknown: none)
    struct parity_pairs unknown_version; // both, the walk does not know the version: no difference
    struct parity_pairs shadowed;        // .registry NULL: lost to another root
    struct parity_pairs invalid;         // .registry NULL: a walked record with errors
    struct parity_pairs withheld; // .registry NULL: the registry decided that it must not run
    size_t unplaced;              // how many of `invalid` may belong to another group
};

// What is compared.
// The lists are only read, and the result points into them.
struct parity_sides {
    const struct records *walk; // without what decisions withhold
    const struct records *registry;
    const struct records *withheld; // from the walk; NULL: nothing
};

// Compares the records of one group; records of other groups are passed over. Records meet by name,
// first those of the same package. What a host would not load takes no part: a shadowed or broken
// record stands on no side, so its counterpart is alone. A broken record whose group is unknown is in
// `invalid` of every group. A withheld record is no difference: after the switch the host gets what was
// decided. The lists are borrowed and must outlive *ret_parity; each list of the result is in the order of
// records_sort. Arena. Fails with: NO_MEMORY.
enum status parity_compare(struct arena *arena, const char *group, const struct parity_sides *sides,
                           struct parity *ret_parity, struct error *err);

// Whether neither side has an entry point of the group, not even a broken or withheld one.
bool parity_is_empty(const struct parity *parity);

// only_walk, only_registry, value, version and manifest are empty; with `strict`, shadowed and invalid too.
// A comparison of nothing is equal only when the caller allowed an empty group.
bool parity_is_equal(const struct parity *parity, bool strict);

// {"group","equal":bool,"same":N,"only_walk":[],"only_registry":[],"value":[],"version":[],
//  "manifest":[],"unknown_version":[],"shadowed":[],"invalid":[],"withheld":[]}. Entries of only_walk,
// only_registry, shadowed, invalid and withheld are records; the others are {"group","name","walk":record,"registry":record}.
// Owned; NULL when out of memory.
json_t *parity_encode(const struct parity *parity, bool strict);
