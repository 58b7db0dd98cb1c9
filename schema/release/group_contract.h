// SPDX-License-Identifier: MIT
// The contract of an entry-point group: what its owner promises the hosts that load it. A group without
// a contract allows everything. The contract binds releases published after it was set; those that are
// there stay as they are. Pure functions; any thread.
#pragma once

#include "schema/release/release.h"

enum contract_kind {
    CONTRACT_ANY,      // modules and objects alike
    CONTRACT_MODULE,   // values without an attribute: "package.module"
    CONTRACT_CALLABLE, // values with one: "package.module:attribute"
};

// What happens when two packages have one entry-point name in the group.
enum contract_conflict {
    CONTRACT_WARN,     // both are answered, each with a warning
    CONTRACT_ALL,      // both are answered
    CONTRACT_ERROR,    // both are answered, each with an error
    CONTRACT_FIRST,    // the first by package name wins, the others are shadowed
    CONTRACT_PRIORITY, // the packages of `priority` win in their order, then as CONTRACT_FIRST
};

struct group_contract {
    const char *group;       // whose contract it is
    const char *owner;       // these three: NULL = not said
    const char *description; //
    const char
        *name_pattern;       // that entry-point names must match whole (name_pattern.h); NULL = any
    enum contract_kind kind; // what a value must refer to
    enum contract_conflict conflict; // what happens when two packages have one name
    struct strings priority;         // normalised names of packages, the strongest first
    // JSON Schemas as compact JSON text, of the manifests and of what environments set; NULL = none
    const char *manifest_schema;
    const char *settings_schema;
    struct strings errors;     // codes of the warnings about wheels that are errors in this group
    const char *deprecated;    // why hosts should leave the group; NULL = it is in use
    const char *successor;     // the group to use instead; NULL = none
    const char *deprecated_at; // these two: set by the store
    const char *deprecated_by; //
    // what the schema of settings gives to settings that are left out, canonical JSON of an object; NULL = nothing, or
    // not asked for
    const char *settings_defaults;
};

// The contract of a group that has none: everything allowed.
struct group_contract group_contract_default(const char *group);

// "any", "module", "callable"; "warn", "all", "error", "first", "priority". Static.
const char *contract_kind_name(enum contract_kind kind);
const char *contract_conflict_name(enum contract_conflict conflict);
// False when the name is none of them.
bool contract_kind_find(const char *name, enum contract_kind *ret_kind);
bool contract_conflict_find(const char *name, enum contract_conflict *ret_conflict);

// Whether a contract may make the warning with this code an error: those about what a wheel holds.
bool contract_may_judge(const char *code);

// Makes the warnings of the contract's group that it judges errors. Fails with: INVALID (there was one; the
// first is also *err), NO_MEMORY.
enum status contract_judge(const struct group_contract *contract, struct findings *findings,
                           struct error *err);

// Holds every entry point of a release in the contract's group against its pattern and kind, and every manifest
// there against the schema; each breach is an error in `findings`, with its JSON pointer. Fails with: INVALID (the first breach is
// also *err), NO_MEMORY.
enum status contract_check(const struct group_contract *contract, const struct release *release,
                           struct findings *findings, struct error *err);
