// SPDX-License-Identifier: MIT
// Looking one contract up. The list is sorted by group, and the groups of one answer are asked for again
// and again, so this is a binary search and allocates nothing.
#include "registryd/candidates/contracts.h"

#include <stdlib.h>
#include <string.h>

static int compare_groups(const void *group, const void *contract) {
    return strcmp(group, ((const struct group_contract *)contract)->group);
}

const struct group_contract *contracts_find(const struct contracts *contracts, const char *group) {
    return contracts->count ? bsearch(group, contracts->items, contracts->count,
                                      sizeof *contracts->items, compare_groups)
                            : NULL;
}
