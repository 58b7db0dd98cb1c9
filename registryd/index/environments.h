// SPDX-License-Identifier: MIT
// The environments in memory by name. One comes in when it is first asked for and goes when the feed
// tells of a change of it. Names that nobody created are not kept. Not locked: the index calls it under
// its own lock.
#pragma once

#include "registryd/index/answer_cache.h"
#include "registryd/resolver/lock.h"
#include "registryd/store/store_environments.h"
#include "schema/base/cleanup.h"

#include <stdatomic.h>

enum { ENVIRONMENTS_MAX = 1000, ENVIRONMENTS_BYTES_MAX = 256 * 1024 * 1024 };

// Immutable and counted by reference.
struct known_environment {
    atomic_int references;
    struct arena *arena;
    struct environment environment;
    const struct lock *lock; // that it answers by; NULL = it is not frozen
    bool is_archived;
    const char *archived_reason;    // NULL = no reason given
    struct environment_marks marks; // who decided what in it
};

// Loads the newest revision and its lock; owned: known_environment_unref. Fails with: NOT_FOUND and what the store
// fails with.
enum status known_environment_load(struct store *store, const char *name,
                                   struct known_environment **ret_environment, struct error *err);
struct known_environment *known_environment_ref(struct known_environment *environment);
void known_environment_unref(struct known_environment *environment);

CLEANUP_DEFINE(struct known_environment *, cleanup_known_environment, known_environment_unref)

struct environments;

// `cache`: where the answers of those that go are forgotten; borrowed. Owned; NULL when out of memory.
struct environments *environments_new(struct answer_cache *cache);
void environments_free(struct environments *environments);

// Owned; NULL when it is not there. *ret_answers: where its answers hang, borrowed until the lock is
// given up.
struct known_environment *environments_find(struct environments *environments, const char *name,
                                            struct answer_links **ret_answers);

// The names of all that are kept; copies in `arena`. False when out of memory.
bool environments_names(const struct environments *environments, struct arena *arena,
                        struct strings *ret_names);

// Keeps it in the place of the one of the same name, whose answers are forgotten. When there is no
// memory, or one too many, none is kept.
void environments_add(struct environments *environments, struct known_environment *environment);

// Forgets one, or all when `name` is NULL, with its answers.
void environments_forget(struct environments *environments, const char *name);
