// SPDX-License-Identifier: MIT
// Discovery with its sources: asks the walk and the registry as the modes want it, and merges. What a
// source cannot answer is a diagnostic and never a failure: a host gets what can be had. One thread.
#pragma once

#include "client/remote/connection.h"
#include "client/public/discover_decisions.h"
#include "client/snapshot/snapshot_cache.h"
#include "client/remote/source_registry.h"
#include "client/walk/source_walk.h"

// For the registry, where nobody says otherwise: with and without a last known answer at hand.
// A host waits less for the registry when a snapshot can answer in its place: a slow registry must
// not delay the start of the host.
enum { DISCOVER_TIMEOUT_MS = 2000, DISCOVER_KEPT_TIMEOUT_MS = 300 };

struct discover_request {
    struct source_query query;            // groups, python, prereleases
    struct walk_query walk;               // roots, convention
    const struct connection *connection;  // NULL: there is no registry to ask
    const struct snapshot_selector *kept; // what stands in for it; NULL: nothing
    int timeout_ms;                       // for the registry; 0 = as above
    enum discover_mode mode;
    enum enforce enforce;
    bool is_strict; // an unknown environment fails the call
};

// The mode of that name; NULL: of REGISTRYD_MODE, else walk-first. An unknown name in the variable is
// a finding in `diagnostics`, and the answer is walk-first. Fails with: USAGE (`name` is none).
enum status discover_choose_mode(const char *name, struct findings *diagnostics,
                                 enum discover_mode *ret_mode, struct error *err);

// Discovers the groups; *ret_discovery has their records in the order of records_sort, and all
// diagnostics after those that `diagnostics` had. Arena. Fails with: USAGE (no group), NOT_FOUND (an
// unknown environment, when strict), NO_MEMORY.
enum status discover_sources(struct arena *arena, const struct discover_request *request,
                             const struct findings *diagnostics, struct discovery *ret_discovery,
                             struct error *err);
