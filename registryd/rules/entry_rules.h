// SPDX-License-Identifier: MIT
// What is decided about single entry points: by an environment (state, pin, deprecation), or by owners for every
// environment (deprecation, aliases). Pure; used by one thread.
#pragma once

#include "registryd/candidates/contracts.h"
#include "registryd/candidates/package.h"
#include "registryd/rules/facts.h"
#include "schema/decision.h"
#include "schema/record.h"

// Whether the environment keeps the entry point out of its answers, although it takes a release of the package.
// `plugin` is what it decides about the package, or NULL.
bool entry_rules_withhold(const struct environment *environment,
                          const struct environment_plugin *plugin, const char *group,
                          const char *name);

// Adds the warning about an entry point that is deprecated to its record.
void entry_rules_warn(const struct facts *facts, const struct environment_plugin *plugin,
                      struct record *record);

// A package in one group, and who decided about it in the environment, and when.
struct entry_query {
    struct arena *arena;
    const struct environment *environment;
    const struct contracts *contracts; // NULL = none are known
    const struct package *package;
    const struct environment_plugin *plugin;
    const char *group;
    const char *since;
    const char *by;
};

// Adds the rows about single entry points of the package. False when out of memory.
bool entry_rules_decide(const struct entry_query *query, struct decisions *decisions);

// Adds a row for every group of these that is deprecated; "" stands for all groups. False when out of memory.
bool entry_rules_decide_group(struct arena *arena, const struct contracts *contracts,
                              const char *group, struct decisions *decisions);
