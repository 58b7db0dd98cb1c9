// SPDX-License-Identifier: MIT
// Hits: the entry points a selection has found, as pointers into packages, before the few that a page
// shows become records. Used by one thread.
#pragma once

#include "registryd/candidates/contracts.h"
#include "registryd/rules/requires.h"
#include "schema/record.h"

struct hit {
    const struct candidate_entry *entry;
    const struct package *package;
    const struct package_release *release;
};

struct matches {
    struct hit *items; // by group, name, package
    size_t count;
};

// What every package of the tables gives. Arena of the facts; the tables are borrowed.
// Fails with: NO_MEMORY.
enum status matches_collect(struct requires *requires, struct matches *ret_matches,
                            struct error *err);

// The first hit behind a place; 0 when there is none before it.
size_t matches_seek(const struct matches *matches, const char *group, const char *name,
                    const char *package);

// Whether any package gives this name in this group.
bool matches_have(const struct matches *matches, const char *group, const char *name);

// The record of a hit, with what its group's contract says when others have its name. False when out of
// memory.
bool matches_fill(const struct matches *matches, size_t at, struct requires *requires,
                  const struct contracts *contracts, struct record *record);
