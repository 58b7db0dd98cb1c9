// SPDX-License-Identifier: MIT
// Merging: ordered lists of records in, one list out. The first list that has an entry point (group
// and name) wins; the others' stay in the answer, shadowed, with a warning that says by what. Pure:
// no directory, no network, no clock.
#pragma once

#include "schema/record.h"

struct merge_lists {
    const struct records *items; // in order of precedence
    size_t count;
    const char *const *unique_groups; // where a name is one plugin's, also within a list
    size_t unique_group_count;
};

// Merges the lists into *ret_records, sorted (records_sort). Records are
// copied by value; their texts and findings stay where they are, warnings are added in `arena`. A
// broken winner still wins: otherwise breaking an installed plugin would be a way to replace it.
// Records of one list shadow one another only in the unique groups, the first one wins. Arena.
// Fails with: NO_MEMORY.
enum status merge_records(struct arena *arena, const struct merge_lists *lists,
                          struct records *ret_records, struct error *err);
