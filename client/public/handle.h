// SPDX-License-Identifier: MIT
// What the opaque types of registryclient.h are made of, for the files of the public surface. Each object
// is one arena that holds everything of it; a handle has its snapshot in addition.
#pragma once

#include "client/include/registryclient.h"
#include "client/snapshot/snapshot_cache.h"
#include "client/remote/source_registry.h"
#include "client/walk/source_walk.h"
#include "schema/parity.h"

// What a handle answers from without a request.
struct offline {
    struct snapshot_selector selector;
    struct snapshot_path location; // its path is NULL when there is no folder for a snapshot
    struct snapshot_file file;     // closed when there is none
    // One for each group of the file, in their order, then one of all groups, then an empty one. Owned;
    // NULL until it is first asked for.
    struct registry_result **results;
    struct error reason; // why there is no snapshot
    struct arena
        *decisions_arena; // of the file's decisions; NULL until they are first asked for. Owned
    const struct registry_decision *decisions;
    size_t decision_count;
};

// What registry_open returns. One thread at a time uses it; nothing in it is locked.
struct registry {
    struct arena *arena;
    struct connection connection;
    struct source_query facts; // of the host, and which groups its snapshot holds
    struct offline offline;
    const char *enforce; // as given; may be NULL
    bool is_strict;      // likewise
};

// What resolve, walk, discover and find return. `items` has the records again, in the public
// layout: their texts are shared, so both end with the arena.
struct registry_result {
    struct registry_result *self; // the same, not const: for what is made late
    struct arena *arena;
    struct records records;
    struct registry_record *items; // the same, as the public header shows them
    struct registry_finding *diagnostics;
    size_t diagnostic_count;
    struct registry_record *withheld;
    size_t withheld_count;
    struct registry_decision *decisions;
    size_t decision_count;
    const char *json; // made when it is first asked for
};

struct registry_parity {
    struct arena *arena;
    struct parity parity;
    const char *json; // made when it is first asked for
};

// What send and publish return.
struct registry_answer {
    struct arena *arena;
    const char *json; // NULL: the registry refused
    struct registry_finding *findings;
    size_t finding_count;
};

// Findings as the public header shows them. Arena; NULL when out of memory.
struct registry_finding *handle_findings(struct arena *arena, const struct findings *findings);

// The record of a name that is not shadowed, of a package or (NULL) of any. NULL when there is none.
const struct registry_record *handle_find(const struct registry_result *result, const char *group,
                                          const char *name, const char *package);

// What an old name leads to. NULL when it is none.
const struct registry_decision *handle_alias(const struct registry_decision *decisions,
                                             size_t count, const char *group, const char *name);

// Fills what registry_find needs from the options (which may be NULL), and opens the cached snapshot.
// Fails with: USAGE (the key is not a key), NO_MEMORY.
enum status offline_init(struct registry *registry, const struct registry_options *options,
                         struct error *err);
void offline_done(struct registry *registry);

// Opens the cached snapshot again, when it was replaced. The handle goes on answering from the one it has
// when the new one cannot be used. Fails with: as snapshot_cache_open.
enum status offline_reopen(struct registry *registry, bool *ret_changed, struct error *err);

// The snapshot that can stand in for an answer to the query. Arena. Fails with: NO_MEMORY.
enum status offline_selector(struct arena *arena, const struct registry *registry,
                             const struct source_query *query,
                             struct snapshot_selector *ret_selector, struct error *err);

// What a result is made of.
struct result_parts {
    struct records records;
    struct findings diagnostics;
    struct records withheld;
    struct decisions decisions;
};

// Takes the arena, in success and in failure. Fails with: NO_MEMORY.
enum status result_new(struct arena *arena, const struct result_parts *parts,
                       struct registry_result **ret_result, struct error *err);

// The decisions as the public header declares them; their texts are shared. Arena; NULL when out of memory.
struct registry_decision *show_decisions(struct arena *arena, const struct decisions *decisions);

// As result_new.
enum status parity_new(struct arena *arena, const struct parity *parity,
                       struct registry_parity **ret_parity, struct error *err);
