// SPDX-License-Identifier: MIT
// Both sides of a comparison: what a host finds in its directories, and what the registry gives it. One request and
// one walk serve all groups, so that they are compared in the same state of both sides. No snapshot stands in for
// the registry: it would report differences that are only age.
#pragma once

#include "client/remote/source_registry.h"
#include "client/walk/source_walk.h"
#include "schema/parity.h"

struct compared_sources {
    struct records walked; // without what decisions withhold
    struct records withheld;
    struct resolution resolution;
};

// Asks the registry, then walks with its decisions in force. Arena.
// Fails with: as source_registry, as source_walk.
enum status compare_sources(struct arena *arena, const struct connection *connection,
                            const struct source_query *query, struct walk_query walk,
                            struct compared_sources *ret_sources, struct error *err);

// The sides that parity_compare takes. Borrowed.
struct parity_sides compare_sides(const struct compared_sources *sources);
