// SPDX-License-Identifier: MIT
// Single entry points: what owners decide about them, and finding them by what they are. Everything store.h says of
// its calls holds here; a change is one transaction with one change record and one audit event.
#pragma once

#include "registryd/store/store_candidates.h"
#include "registryd/store/store_lifecycle.h"

// Which states are wanted.
struct entry_states_query {
    const char *group;   // NULL = any
    const char *package; // normalised; NULL = any
    int64_t limit;       // 0 = all: few entry points have any
};

// Arena. Fails as the store.
enum status store_entry_states_load(struct store *store, struct arena *arena,
                                    const struct entry_states_query *query,
                                    struct entry_states *ret_states, struct error *err);

struct entry_change {
    const char *package; // normalised
    const char *group;
    const char *name; // of an alias: the old one
    bool is_alias;
    const char *message;   // of a deprecation
    const char *successor; // as in struct entry_state
    bool is_set;           // false ends it
    const char *actor;
};

// Fails with: NOT_FOUND (the package), UNKNOWN_OUTCOME.
enum status store_entry_state_set(struct store *store, const struct entry_change *change,
                                  struct lifecycle_outcome *ret_outcome, struct error *err);

// What stands in the place of a change.
struct entry_standing {
    struct history_point point;
    bool has_package;
    bool has_name;            // a release of the package has the name in the group
    bool has_present;         // the same of the successor of an alias
    const char *holder;       // a package whose newest release has the name; NULL = none
    const char *alias_holder; // another package, to which the name leads already; NULL = none
};

// Arena. Fails as the store.
enum status store_entry_standing_load(struct store *store, struct arena *arena,
                                      const struct entry_change *change,
                                      struct entry_standing *ret_standing, struct error *err);

// A requirement of a release, as its document has it.
struct host_requirement {
    const char *package;
    const char *requirement; // "mountaineer>=0.5"
};
struct host_requirements {
    struct host_requirement *items; // by package, then as in its document
    size_t count;
};

// What releases require of some distributions.
struct host_query {
    const struct release_name *releases;
    size_t count;
    struct strings hosts; // normalised names
};
enum { HOST_REQUIREMENTS_MAX = 500 };

// At most HOST_REQUIREMENTS_MAX. Arena. Fails as the store.
enum status store_host_requirements_load(struct store *store, struct arena *arena,
                                         const struct host_query *query,
                                         struct host_requirements *ret_requirements,
                                         struct error *err);

// What entry points are asked for; NULL: any. At least one is given.
struct find_query {
    const char *module;  // "crm.mail"
    const char *value;   // all of it, or the part behind the colon
    const char *package; // normalised
    const char *name;
    const char *group;
    const char *after_group; // where the page before ended; "" = from the start
    const char *after_name;
    const char *after_package;
    int64_t limit;
};

struct found_entry {
    const char *group;
    const char *name;
    const char *value;
    const char *package;
    const char *version; // the newest release, which has the entry point
    const char *status;  // of the package
};
struct found_entries {
    struct found_entry *items; // by group, name and package
    size_t count;
};

// Arena. Quarantined packages are left out. Fails as the store.
enum status store_entries_find(struct store *store, struct arena *arena,
                               const struct find_query *query, struct found_entries *ret_found,
                               struct error *err);
