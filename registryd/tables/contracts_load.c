// SPDX-License-Identifier: MIT
// A sorted copy in an arena of its own. What the resolver sees is the first member of the shared block; an
// answer under way keeps the contracts it began with.
#include "registryd/tables/contracts_load.h"

#include "registryd/store/entries/store_entries.h"
#include "registryd/tables/shared.h"
#include "schema/json/json.h"
#include "schema/json_schema/json_schema_defaults.h"

#include <stdlib.h>
#include <string.h>

// The arena owns all texts of the contracts. It is freed when the last holder lets go of the block.
struct held_contracts {
    struct contracts contracts;
    struct arena *arena;
};

static int compare_groups(const void *a, const void *b) {
    return strcmp(((const struct group_contract *)a)->group,
                  ((const struct group_contract *)b)->group);
}

// The defaults of a schema of settings. False when out of memory; a stored text that is no schema has none.
static bool copy_defaults(struct arena *arena, const char *schema, const char **ret_defaults) {
    scoped(cleanup_json) json_t *document =
        schema ? json_loads(schema, JSON_DECODE_ANY, NULL) : NULL;
    scoped(cleanup_json) json_t *defaults = document ? json_schema_defaults(document) : NULL;
    if (!json_object_size(defaults)) {
        return !document || defaults;
    }
    *ret_defaults = json_encode_canonical(arena, defaults);
    return *ret_defaults;
}

// A deep copy, since the rows it comes from die with the arena of the load. Only what a resolution
// needs: owner, conflict rule, priority and the defaults of settings, not the description or the schemas.
static bool copy_contract(struct arena *arena, const struct group_contract *from,
                          struct group_contract *contract) {
    const char **priority = arena_array(arena, from->priority.count + 1, sizeof *priority);
    *contract = group_contract_default(arena_strdup(arena, from->group));
    contract->owner = arena_strdup(arena, from->owner);
    contract->conflict = from->conflict;
    contract->deprecated = arena_strdup(arena, from->deprecated);
    contract->successor = arena_strdup(arena, from->successor);
    contract->deprecated_at = arena_strdup(arena, from->deprecated_at);
    contract->deprecated_by = arena_strdup(arena, from->deprecated_by);
    contract->priority = (struct strings){.items = priority};
    bool is_good = contract->group && priority && (contract->owner || !from->owner) &&
                   (contract->deprecated || !from->deprecated) &&
                   (contract->successor || !from->successor) &&
                   (contract->deprecated_at || !from->deprecated_at) &&
                   (contract->deprecated_by || !from->deprecated_by) &&
                   copy_defaults(arena, from->settings_schema, &contract->settings_defaults);
    for (size_t i = 0; is_good && i < from->priority.count; i++) {
        priority[i] = arena_strdup(arena, from->priority.items[i]);
        is_good = priority[i];
        contract->priority.count++;
    }
    return is_good;
}

// Room for `count` contracts and none yet; NULL when out of memory.
static struct held_contracts *make_block(size_t count, struct group_contract **ret_items) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    *ret_items = arena ? arena_array(arena, count + 1, sizeof **ret_items) : NULL;
    struct held_contracts *block = *ret_items ? shared_alloc(sizeof *block) : NULL;
    if (block) {
        *block = (struct held_contracts){.contracts.items = *ret_items, .arena = take(arena)};
    }
    return block;
}

static bool copy_holds(struct arena *arena, const struct hold_rows *from,
                       struct hold_rows *ret_holds) {
    struct hold *items = arena_array(arena, from->count + 1, sizeof *items);
    bool is_good = items;
    for (size_t i = 0; is_good && i < from->count; i++) {
        items[i] = from->items[i];
        items[i].name = arena_strdup(arena, from->items[i].name);
        items[i].reason = arena_strdup(arena, from->items[i].reason);
        items[i].held_at = NULL; // nothing asks who and when
        items[i].held_by = NULL;
        is_good = items[i].name && items[i].reason;
    }
    *ret_holds = (struct hold_rows){items, from->count};
    return is_good;
}

// False when out of memory.
static bool copy_entry(struct arena *arena, const struct entry_state *from,
                       struct entry_state *state) {
    *state = (struct entry_state){
        .group = arena_strdup(arena, from->group),
        .package = arena_strdup(arena, from->package),
        .name = arena_strdup(arena, from->name),
        .is_alias = from->is_alias,
        .message = arena_strdup(arena, from->message),
        .successor = arena_strdup(arena, from->successor),
        .changed_at = arena_strdup(arena, from->changed_at),
        .changed_by = arena_strdup(arena, from->changed_by),
    };
    return state->group && state->package && state->name && (state->message || !from->message) &&
           (state->successor || !from->successor) && state->changed_at && state->changed_by;
}

static bool copy_entries(struct arena *arena, const struct entry_states *from,
                         struct entry_states *ret_states) {
    struct entry_state *items = arena_array(arena, from->count + 1, sizeof *items);
    bool is_good = items;
    for (size_t i = 0; is_good && i < from->count; i++) {
        is_good = copy_entry(arena, &from->items[i], &items[i]);
    }
    *ret_states = (struct entry_states){items, from->count};
    return is_good;
}

// A contract that only warns and has no owner changes no resolution, so it is not kept: most
// groups then cost nothing.
struct contracts *contracts_new(const struct group_contract *from, size_t count,
                                const struct hold_rows *holds, const struct entry_states *entries) {
    struct group_contract *items;
    struct held_contracts *block = make_block(count, &items);
    scoped(cleanup_contracts) struct contracts *contracts = block ? &block->contracts : NULL;
    for (size_t i = 0; contracts && i < count; i++) {
        bool is_plain = from[i].conflict == CONTRACT_WARN && !from[i].owner &&
                        !from[i].settings_schema && !from[i].deprecated;
        contracts->has_deprecated |= from[i].deprecated != NULL;
        if (!is_plain && !copy_contract(block->arena, &from[i], &items[contracts->count++])) {
            return NULL;
        }
    }
    if (!contracts || !copy_holds(block->arena, holds, &contracts->holds) ||
        !copy_entries(block->arena, entries, &contracts->entries)) {
        return NULL;
    }
    qsort(items, contracts->count, sizeof *items, compare_groups);
    return take(contracts);
}

// All contracts at once: they are few, and a table of all of them can be exchanged in one step.
enum status contracts_load(struct store *store, struct contracts **ret_contracts,
                           struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    if (!arena) {
        return fail_no_memory(err);
    }
    struct conflict_rows rows;
    struct hold_rows holds;
    enum status status = store_conflicts_load(store, arena, &rows, err);
    if (status) {
        return status;
    }
    status = store_holds_load(store, arena, &holds, err);
    if (status) {
        return status;
    }
    struct entry_states entries;
    status = store_entry_states_load(store, arena, &(struct entry_states_query){0}, &entries, err);
    if (status) {
        return status;
    }
    struct contracts *contracts = contracts_new(rows.items, rows.count, &holds, &entries);
    if (!contracts) {
        return fail_no_memory(err);
    }
    *ret_contracts = contracts;
    return STATUS_OK;
}

struct contracts *contracts_ref(struct contracts *contracts) {
    return shared_ref(contracts);
}

void contracts_unref(struct contracts *contracts) {
    struct held_contracts *block = (struct held_contracts *)contracts;
    if (block && shared_unref(block)) {
        arena_free(block->arena);
        shared_free(block);
    }
}
