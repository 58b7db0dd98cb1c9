// SPDX-License-Identifier: MIT
// The names of what a contract can say.
#include "schema/group_contract.h"

#include <string.h>

static const char *const kinds[] = {
    [CONTRACT_ANY] = "any",
    [CONTRACT_MODULE] = "module",
    [CONTRACT_CALLABLE] = "callable",
};

static const char *const conflicts[] = {
    [CONTRACT_ALL] = "all",
    [CONTRACT_ERROR] = "error",
    [CONTRACT_FIRST] = "first",
    [CONTRACT_PRIORITY] = "priority",
};

// The place of a name in a list, or its length.
static size_t find_name(const char *const *names, size_t count, const char *name) {
    size_t at = 0;
    while (at < count && strcmp(names[at], name) != 0) {
        at++;
    }
    return at;
}

struct group_contract group_contract_default(const char *group) {
    return (struct group_contract){.group = group};
}

const char *contract_kind_name(enum contract_kind kind) {
    return kinds[kind];
}

const char *contract_conflict_name(enum contract_conflict conflict) {
    return conflicts[conflict];
}

bool contract_kind_find(const char *name, enum contract_kind *ret_kind) {
    size_t at = find_name(kinds, sizeof kinds / sizeof *kinds, name);
    if (at == sizeof kinds / sizeof *kinds) {
        return false;
    }
    *ret_kind = (enum contract_kind)at;
    return true;
}

bool contract_conflict_find(const char *name, enum contract_conflict *ret_conflict) {
    size_t at = find_name(conflicts, sizeof conflicts / sizeof *conflicts, name);
    if (at == sizeof conflicts / sizeof *conflicts) {
        return false;
    }
    *ret_conflict = (enum contract_conflict)at;
    return true;
}
