// SPDX-License-Identifier: MIT
// Selecting from a lock: what a frozen environment answers. No rule is asked: the records are those of the
// lock, in its order. A quarantine alone takes a locked release out, for as long as it lasts. Pure functions of
// the lock and the tables; used by one thread.
#pragma once

#include "registryd/rules/facts.h"
#include "registryd/candidates/group_table.h"
#include "registryd/resolver/lock.h"
#include "registryd/resolver/select.h"

// Whether the question contradicts a fact that the environment states: the lock was made for those. A fact that repeats
// the environment's is fine, and one that it does not state changes nothing: hosts send their Python with every
// question. Fails with: CONFLICT (`where` is "?PARAMETER"), INVALID, NO_MEMORY.
enum status frozen_check_query(struct arena *arena, const struct resolve_query *query,
                               const struct environment *environment, struct error *err);

// The locked records that are given, in the order of every answer, and the packages that a quarantine withholds.
struct frozen {
    const struct record **items;
    size_t count;
    const char **withheld; // in the order of their records; maybe repeatedly
    size_t withheld_count;
};

// Those of the tables' groups and packages; the tables are borrowed. Fails with: NO_MEMORY.
enum status frozen_collect(struct arena *arena, const struct lock *lock,
                           struct group_table *const *tables, size_t table_count,
                           struct frozen *ret_frozen, struct error *err);

// The first record behind a place.
size_t frozen_seek(const struct frozen *frozen, const char *group, const char *name,
                   const char *package);

// The record, with the settings that the environment has for its package. Its texts are borrowed from the lock
// and the environment. False when out of memory.
bool frozen_fill(const struct frozen *frozen, size_t at, struct facts *facts,
                 struct record *record);

// Whether a quarantine withholds the locked release. `package` is its package as it is now.
bool frozen_withholds(const struct locked_release *release, const struct package *package);

// As select_exclusions: every release but the one that is given. Fails with: NO_MEMORY.
enum status frozen_exclusions(struct facts *facts, const struct lock *lock,
                              const struct package *package, const struct select_span *span,
                              struct exclusions *exclusions, struct error *err);

// Whether an environment may take the lock: each rule of it that speaks against a locked release, and each release
// without a file that fits its tags, is an error "lock-refused". A yank is none, and neither is a quarantine: those
// are judged when hosts ask. `table`: of all groups. Out of memory shows in facts->no_memory.
void frozen_check_lock(struct facts *facts, const struct lock *lock,
                       const struct group_table *table, struct findings *findings);
