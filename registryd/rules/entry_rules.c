// SPDX-License-Identifier: MIT
// The rule about one entry point goes before that about its package. An environment's deprecation goes before the
// owner's, because it names the successor that this deployment has. Called for the few packages that have such
// rules: all others cost one look at a count.
#include "registryd/rules/entry_rules.h"

#include "registryd/store/store_environments.h"

#include <string.h>

static const char *name_of(const struct environment *environment) {
    return environment->name ? environment->name : ENVIRONMENT_DEFAULT;
}

static bool is_out(const struct environment *environment, enum environment_plugin_state state) {
    return state == PLUGIN_DISABLED || (state == PLUGIN_UNSET && environment->is_listed_only);
}

static enum environment_plugin_state state_of(const struct environment_plugin *plugin) {
    return plugin ? plugin->state : PLUGIN_UNSET;
}

static const struct environment_entry *find_entry(const struct environment_plugin *plugin,
                                                  const char *group, const char *name) {
    return plugin ? environment_entries_find(&plugin->entries, group, name) : NULL;
}

bool entry_rules_withhold(const struct environment *environment,
                          const struct environment_plugin *plugin, const char *group,
                          const char *name) {
    const struct environment_entry *entry = find_entry(plugin, group, name);
    return is_out(environment, environment_entry_state(state_of(plugin), entry));
}

// ---- records ----

void entry_rules_warn(const struct facts *facts, const struct environment_plugin *plugin,
                      struct record *record) {
    const struct environment_entry *entry = find_entry(plugin, record->group, record->name);
    const struct entry_state *state =
        facts->contracts ? contracts_find_deprecation(facts->contracts, record->group,
                                                      record->package, record->name)
                         : NULL;
    bool is_here = entry && entry->deprecated;
    const char *successor = is_here ? entry->successor : state ? state->successor : NULL;
    const char *hint = successor ? arena_printf(facts->arena, "Use %s instead", successor) : NULL;
    if (!is_here && !state) {
        return;
    }
    record->findings.no_memory |= successor && !hint;
    findings_add(&record->findings, SEVERITY_WARNING, "deprecated", NULL, hint,
                 "The entry point is deprecated: %s", is_here ? entry->deprecated : state->message);
}

// ---- rows ----

// A row about the entry point alone; `*row` says what.
static bool add_row(const struct entry_query *query, const char *name, const struct decision *row,
                    struct decisions *decisions) {
    struct decision *decision = decisions_add(query->arena, decisions);
    if (decision) {
        *decision = *row;
        decision->group = query->group;
        decision->package = query->package->name;
        decision->name = name;
        decision->entry_only = true;
    }
    return decision && row->message;
}

static bool add_state(const struct entry_query *query, const struct environment_entry *entry,
                      struct decisions *decisions) {
    bool is_package_out = is_out(query->environment, state_of(query->plugin));
    bool is_enabled = entry->state == PLUGIN_ENABLED;
    // Where both say the same, the rows about the package are enough.
    if (entry->state == PLUGIN_UNSET || is_enabled != is_package_out) {
        return true;
    }
    const struct decision row = {
        .code = is_enabled ? DECISION_CODE_ENABLED : DECISION_CODE_DISABLED,
        .message = arena_printf(query->arena, "The environment \"%s\" %s the entry point",
                                name_of(query->environment), is_enabled ? "enables" : "disables"),
        .since = query->since,
        .by = query->by,
    };
    return add_row(query, entry->name, &row, decisions);
}

static bool add_pin(const struct entry_query *query, const struct environment_entry *entry,
                    struct decisions *decisions) {
    if (!entry->pin || entry->state == PLUGIN_DISABLED) {
        return true;
    }
    const struct decision row = {
        .code = DECISION_CODE_OUTSIDE_PIN,
        .pin = entry->pin,
        .message = arena_printf(query->arena, "The environment \"%s\" pins the entry point to %s",
                                name_of(query->environment), entry->pin),
        .since = query->since,
        .by = query->by,
    };
    return add_row(query, entry->name, &row, decisions);
}

static bool add_deprecation(const struct entry_query *query, const struct environment_entry *entry,
                            struct decisions *decisions) {
    if (!entry->deprecated) {
        return true;
    }
    const struct decision row = {
        .code = DECISION_CODE_DEPRECATED,
        .successor = entry->successor,
        .message =
            arena_printf(query->arena, "The entry point is deprecated: %s", entry->deprecated),
        .since = query->since,
        .by = query->by,
        .of_environment = true,
    };
    return add_row(query, entry->name, &row, decisions);
}

static bool decide_here(const struct entry_query *query, struct decisions *decisions) {
    const struct environment_entries *entries = &query->plugin->entries;
    bool is_good = true;
    for (size_t i = 0; i < entries->count && is_good; i++) {
        const struct environment_entry *entry = &entries->items[i];
        if (strcmp(entry->group, query->group) == 0) {
            is_good = add_state(query, entry, decisions) && add_pin(query, entry, decisions) &&
                      add_deprecation(query, entry, decisions);
        }
    }
    return is_good;
}

// ---- what owners decided for every environment ----

static bool add_owners_row(const struct entry_query *query, const struct entry_state *state,
                           struct decisions *decisions) {
    const struct environment_entry *entry = find_entry(query->plugin, query->group, state->name);
    if (!state->is_alias && entry && entry->deprecated) {
        return true;
    }
    const struct decision row = {
        .code = state->is_alias ? DECISION_CODE_ALIAS : DECISION_CODE_DEPRECATED,
        .successor = state->successor,
        .message =
            state->is_alias
                ? arena_printf(query->arena, "The entry point \"%s\" is called \"%s\" now",
                               state->name, state->successor)
                : arena_printf(query->arena, "The entry point is deprecated: %s", state->message),
        .since = state->changed_at,
        .by = state->changed_by,
    };
    return add_row(query, state->name, &row, decisions);
}

bool entry_rules_decide(const struct entry_query *query, struct decisions *decisions) {
    size_t count = 0;
    const struct entry_state *states =
        query->contracts
            ? contracts_entry_states(query->contracts, query->group, query->package->name, &count)
            : NULL;
    bool is_good = !query->plugin || decide_here(query, decisions);
    for (size_t i = 0; i < count && is_good; i++) {
        is_good = add_owners_row(query, &states[i], decisions);
    }
    return is_good;
}

// ---- groups ----

static bool add_group(struct arena *arena, const struct group_contract *contract,
                      struct decisions *decisions) {
    struct decision *row = decisions_add(arena, decisions);
    if (!row) {
        return false;
    }
    *row = (struct decision){
        .group = contract->group,
        .package = DECISION_ALL_PACKAGES,
        .code = DECISION_CODE_GROUP_DEPRECATED,
        .message = arena_printf(arena, "The group %s is deprecated: %s", contract->group,
                                contract->deprecated),
        .successor = contract->successor,
        .since = contract->deprecated_at,
        .by = contract->deprecated_by,
    };
    return row->message;
}

bool entry_rules_decide_group(struct arena *arena, const struct contracts *contracts,
                              const char *group, struct decisions *decisions) {
    bool is_good = true;
    for (size_t i = 0; contracts && contracts->has_deprecated && i < contracts->count && is_good;
         i++) {
        const struct group_contract *contract = &contracts->items[i];
        bool is_asked = !*group || strcmp(group, contract->group) == 0;
        is_good = !contract->deprecated || !is_asked || add_group(arena, contract, decisions);
    }
    return is_good;
}
