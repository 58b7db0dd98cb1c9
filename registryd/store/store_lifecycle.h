// SPDX-License-Identifier: MIT
// The part of the store that changes what is there: the life of packages and releases, and the
// contracts of groups. Everything store.h says of its calls holds here. Each change is one
// transaction with one change record, which names every group the package ever had, and one audit
// event; what is so already makes none.
#pragma once

#include "registryd/store/store.h"
#include "schema/release/group_contract.h"

// `point` is set even when nothing changed. A client that waits for it then reads the state that
// the reply describes.
struct lifecycle_outcome {
    bool changed; // false: it was so already
    struct history_point point;
};

struct release_change {
    const char *package; // normalised
    const char *version; // normalised
    const char *reason;  // why; NULL takes it back
    const char *actor;
};

// Yanks a release: only who pins it with == still gets it. Another reason is a change too.
// Fails with: NOT_FOUND, UNKNOWN_OUTCOME (the connection was lost during COMMIT; doing it again is
// safe: that holds for every call below).
enum status store_release_yank(struct store *store, const struct release_change *change,
                               struct lifecycle_outcome *ret_outcome, struct error *err);

// Puts a release into quarantine: neither it nor its files are served. Fails with: NOT_FOUND.
enum status store_release_quarantine(struct store *store, const struct release_change *change,
                                     struct lifecycle_outcome *ret_outcome, struct error *err);

struct package_change {
    const char *package;     // normalised
    const char *status;      // "active", "deprecated", "archived", "quarantined"
    const char *reason;      // may be NULL; must be when active
    const char *replaced_by; // normalised; may be NULL, must be when active
    const char *actor;
};

// Fails with: NOT_FOUND (the package), INVALID (the successor: unknown, where "/replaced_by").
enum status store_package_status_set(struct store *store, const struct package_change *change,
                                     struct lifecycle_outcome *ret_outcome, struct error *err);

struct hold_change {
    bool is_group;
    const char *name;   // of the package, normalised, or of the group
    const char *reason; // why; NULL ends the hold
    const char *actor;
};

// Holds new releases of a package or of a group back, or ends that. Fails with: NOT_FOUND (the package).
enum status store_hold_set(struct store *store, const struct hold_change *change,
                           struct lifecycle_outcome *ret_outcome, struct error *err);

// ---- contracts of groups ----

struct contract_row {
    struct group_contract contract;
    int64_t revision;       // counts its changes, from 1
    const char *updated_at; // RFC 3339, UTC
    const char *updated_by;
};
struct contract_rows {
    struct contract_row *items; // by group; none for a group without a contract
    size_t count;
};
enum status store_contracts_load(struct store *store, struct arena *arena,
                                 const char *const *groups, size_t group_count,
                                 struct contract_rows *ret_rows, struct error *err);

// Makes or replaces the contract of a group, whether or not anything was published to it.
enum status store_contract_set(struct store *store, const struct group_contract *contract,
                               const char *actor, struct lifecycle_outcome *ret_outcome,
                               struct error *err);
