// SPDX-License-Identifier: MIT
// A sorted copy in an arena of its own.
#include "registryd/resolver/contracts.h"

#include <stdlib.h>
#include <string.h>

static int compare_groups(const void *a, const void *b) {
    return strcmp(((const struct group_contract *)a)->group,
                  ((const struct group_contract *)b)->group);
}

static bool copy_contract(struct arena *arena, const struct group_contract *from,
                          struct group_contract *contract) {
    const char **priority = arena_array(arena, from->priority.count + 1, sizeof *priority);
    *contract = group_contract_default(arena_strdup(arena, from->group));
    contract->conflict = from->conflict;
    contract->priority = (struct strings){.items = priority};
    bool is_good = contract->group && priority;
    for (size_t i = 0; is_good && i < from->priority.count; i++) {
        priority[i] = arena_strdup(arena, from->priority.items[i]);
        is_good = priority[i];
        contract->priority.count++;
    }
    return is_good;
}

struct contracts *contracts_new(const struct group_contract *from, size_t count) {
    struct arena *arena = arena_new(0);
    scoped(cleanup_contracts) struct contracts *contracts =
        arena ? arena_alloc(arena, sizeof *contracts) : NULL;
    if (!contracts) {
        arena_free(arena);
        return NULL;
    }
    atomic_init(&contracts->references, 1);
    contracts->arena = arena;
    struct group_contract *items = arena_array(arena, count + 1, sizeof *items);
    contracts->items = items;
    for (size_t i = 0; items && i < count; i++) {
        bool is_plain = from[i].conflict == CONTRACT_ALL;
        if (!is_plain && !copy_contract(arena, &from[i], &items[contracts->count++])) {
            return NULL;
        }
    }
    if (!items) {
        return NULL;
    }
    qsort(items, contracts->count, sizeof *items, compare_groups);
    return take(contracts);
}

enum status contracts_load(struct store *store, struct contracts **ret_contracts,
                           struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    if (!arena) {
        return fail_no_memory(err);
    }
    struct conflict_rows rows;
    enum status status = store_conflicts_load(store, arena, &rows, err);
    struct contracts *contracts = status ? NULL : contracts_new(rows.items, rows.count);
    if (!status && !contracts) {
        return fail_no_memory(err);
    }
    if (!status) {
        *ret_contracts = contracts;
    }
    return status;
}

struct contracts *contracts_ref(struct contracts *contracts) {
    atomic_fetch_add_explicit(&contracts->references, 1, memory_order_relaxed);
    return contracts;
}

void contracts_unref(struct contracts *contracts) {
    if (contracts &&
        atomic_fetch_sub_explicit(&contracts->references, 1, memory_order_acq_rel) == 1) {
        arena_free(contracts->arena);
    }
}

const struct group_contract *contracts_find(const struct contracts *contracts, const char *group) {
    const struct group_contract key = {.group = group};
    return contracts->count
               ? bsearch(&key, contracts->items, contracts->count, sizeof key, compare_groups)
               : NULL;
}
