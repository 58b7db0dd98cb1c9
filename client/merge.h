// SPDX-License-Identifier: MIT
// Merging: ordered lists of records in, one list out. The first list that has an entry point (group
// and name) wins; the others' stay in the answer, shadowed, with a warning that says by what. Pure:
// no directory, no network, no clock.
#pragma once

#include "schema/record.h"

// Merges `count` lists in order of precedence into *ret_records, sorted (records_sort). Records are
// copied by value; their texts and findings stay where they are, warnings are added in `arena`. A
// broken winner still wins: otherwise breaking an installed plugin would be a way to replace it.
// Records of one list never shadow one another. Arena. Fails with: NO_MEMORY.
enum status merge_records(struct arena *arena, const struct records *lists, size_t count,
                          struct records *ret_records, struct error *err);
