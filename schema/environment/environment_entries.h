// SPDX-License-Identifier: MIT
// What an environment decides about single entry points of a package. Where an entry point has a state of its
// own, that state counts and not the package's. Plain data; any thread.
#pragma once

#include "schema/environment/environment_secrets.h"
#include "schema/object.h"

// Allowed: the package is given, and the host's own user chooses whether it runs.
// Unset is not disabled: what is wider then decides, an entry point's package or the environment's policy.
enum environment_plugin_state { PLUGIN_UNSET, PLUGIN_ENABLED, PLUGIN_DISABLED, PLUGIN_ALLOWED };

// The rule about one entry point.
struct environment_entry {
    const char *group;
    const char *name;
    enum environment_plugin_state state; // never allowed: users choose packages
    const char *pin;                     // the normal form of a specifier set; NULL = none
    const char *settings;                // canonical JSON of an object with members; NULL = none
    struct environment_secrets secrets;  // of the entry point's own settings
    const char *deprecated;              // why it should not be used any longer; NULL = it may
    const char *successor;               // "package" or "package:group:name"; NULL = none
};

struct environment_entries {
    struct environment_entry *items; // sorted by group, then name, each once
    size_t count;
};

// The rule about an entry point; NULL = none. Borrowed.
const struct environment_entry *environment_entries_find(const struct environment_entries *entries,
                                                         const char *group, const char *name);

// Whether any entry point has this state.
bool environment_entries_have(const struct environment_entries *entries,
                              enum environment_plugin_state state);

// Whether two rules say the same. Either may be NULL: none.
bool environment_entry_same(const struct environment_entry *a, const struct environment_entry *b);

// The state that counts for an entry point of a package with `state`; `entry` may be NULL.
enum environment_plugin_state environment_entry_state(enum environment_plugin_state state,
                                                      const struct environment_entry *entry);

// All that a package is held to: its own pin (NULL = none) and those of its entry points that are not
// disabled. NULL = no pin; "" = out of memory. Arena, or `pin` itself.
const char *environment_entries_pin(struct arena *arena, const char *pin,
                                    const struct environment_entries *entries);

// Decodes the member "entry_points" into the struct environment_entries at `target`.
member_decoder environment_entries_decode;

// The member "entry_points". Owned; NULL when out of memory.
json_t *environment_entries_encode(const struct environment_entries *entries);
