// SPDX-License-Identifier: MIT
// A hash table with chains. There are few environments, so when there are too many the whole table is emptied:
// that is rare, and cheaper to understand than a list of what was used last. With an environment go the answers
// made from it (answer_links). An environment is loaded and put in while the feed applies nothing, so none is
// older than the changes that were applied.
#include "registryd/index/environments.h"

#include "registryd/hash/etag.h"

#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 256 };

struct cached_environment {
    struct cached_environment *chain;
    struct known_environment *environment;
    struct answer_links answers;
};

struct environments {
    struct answer_cache *cache;
    struct hash_seed seed;
    size_t count;
    size_t bytes; // of the arenas
    struct cached_environment *buckets[BUCKETS];
};

// The text of a lock is large and needed only to read it, so it goes with an arena of its own.
static enum status read_lock(struct store *store, int64_t id, struct arena *arena,
                             struct lock *ret_lock, struct error *err) {
    scoped(cleanup_arena) struct arena *scratch = arena_new(0);
    struct environment_lock_row row;
    struct lock lock;
    if (!scratch) {
        return fail_no_memory(err);
    }
    enum status status = store_environment_lock_load(store, scratch, id, &row, err);
    if (status) {
        return status;
    }
    status = lock_decode(arena, &row, &lock, err);
    if (status) {
        return status;
    }
    lock.environment = arena_strdup(arena, row.environment);
    lock.made_at = arena_strdup(arena, row.made_at);
    lock.made_by = arena_strdup(arena, row.made_by);
    if (!lock.environment || !lock.made_at || !lock.made_by) {
        return fail_no_memory(err);
    }
    *ret_lock = lock;
    return STATUS_OK;
}

// A revision and a lock never change, so two reads of the store belong together.
static enum status load_lock(struct store *store, int64_t id, struct known_environment *environment,
                             struct error *err) {
    struct lock *lock = arena_alloc(environment->arena, sizeof *lock);
    if (!lock) {
        return fail_no_memory(err);
    }
    enum status status = read_lock(store, id, environment->arena, lock, err);
    if (status) {
        return status;
    }
    environment->lock = lock;
    return STATUS_OK;
}

enum status known_environment_load(struct store *store, const char *name,
                                   struct known_environment **ret_environment, struct error *err) {
    struct arena *arena = arena_new(0);
    scoped(cleanup_known_environment) struct known_environment *environment =
        arena ? arena_alloc(arena, sizeof *environment) : NULL;
    if (!environment) {
        arena_free(arena);
        return fail_no_memory(err);
    }
    atomic_init(&environment->references, 1);
    environment->arena = arena;
    struct environment_detail detail;
    enum status status = store_environment_load(store, arena, name, 0, &detail, err);
    if (!status && detail.row.lock_id) {
        status = load_lock(store, detail.row.lock_id, environment, err);
    }
    if (status) {
        return status;
    }
    // A revision that comes in between is a change, which the feed forgets this environment for.
    status = store_environment_marks_load(store, arena, name, &environment->marks, err);
    if (status) {
        return status;
    }
    environment->environment = detail.environment;
    environment->is_archived = detail.row.is_archived;
    environment->archived_reason = detail.row.reason;
    *ret_environment = take(environment);
    return STATUS_OK;
}

struct known_environment *known_environment_ref(struct known_environment *environment) {
    atomic_fetch_add_explicit(&environment->references, 1, memory_order_relaxed);
    return environment;
}

// The structure lies in its own arena, so freeing the arena frees both.
void known_environment_unref(struct known_environment *environment) {
    if (environment &&
        atomic_fetch_sub_explicit(&environment->references, 1, memory_order_acq_rel) == 1) {
        arena_free(environment->arena);
    }
}

struct environments *environments_new(struct answer_cache *cache) {
    struct environments *environments = calloc(1, sizeof *environments);
    if (environments) {
        environments->cache = cache;
        hash_seed_init(&environments->seed);
    }
    return environments;
}

void environments_free(struct environments *environments) {
    if (environments) {
        environments_forget(environments, NULL);
        free(environments);
    }
}

// Gives the pointer to change: that of the entry, or the one at the end of the chain for a new
// entry.
static struct cached_environment **find_place(struct environments *environments, const char *name) {
    struct cached_environment **place =
        &environments->buckets[hash_keyed(&environments->seed, name, strlen(name)) % BUCKETS];
    while (*place && strcmp((*place)->environment->environment.name, name) != 0) {
        place = &(*place)->chain;
    }
    return place;
}

struct known_environment *environments_find(struct environments *environments, const char *name,
                                            struct answer_links **ret_answers) {
    struct cached_environment *place = *find_place(environments, name);
    if (!place) {
        return NULL;
    }
    *ret_answers = &place->answers;
    return known_environment_ref(place->environment);
}

bool environments_names(const struct environments *environments, struct arena *arena,
                        struct strings *ret_names) {
    const char **names = arena_array(arena, environments->count + 1, sizeof *names);
    size_t count = 0;
    for (size_t i = 0; names && i < BUCKETS; i++) {
        const struct cached_environment *place = environments->buckets[i];
        for (; place; place = place->chain) {
            names[count] = arena_strdup(arena, place->environment->environment.name);
            if (!names[count++]) {
                return false;
            }
        }
    }
    *ret_names = (struct strings){names, count};
    return names;
}

// At the limit all are forgotten: that many environments are no usual case, and the next questions load theirs
// again.
void environments_add(struct environments *environments, struct known_environment *environment) {
    size_t bytes = environments->bytes + arena_size(environment->arena);
    bool has_room = environments->count < ENVIRONMENTS_MAX && bytes <= ENVIRONMENTS_BYTES_MAX;
    environments_forget(environments, has_room ? environment->environment.name : NULL);
    struct cached_environment *place = calloc(1, sizeof *place);
    if (place) {
        place->environment = known_environment_ref(environment);
        *find_place(environments, environment->environment.name) = place;
        environments->count++;
        environments->bytes += arena_size(environment->arena);
    }
}

static void drop(struct environments *environments, struct cached_environment **at) {
    struct cached_environment *place = *at;
    *at = place->chain;
    answer_cache_forget(environments->cache, &place->answers);
    environments->bytes -= arena_size(place->environment->arena);
    known_environment_unref(place->environment);
    free(place);
    environments->count--;
}

void environments_forget(struct environments *environments, const char *name) {
    struct cached_environment **named = name ? find_place(environments, name) : NULL;
    if (named && *named) {
        drop(environments, named);
    }
    for (size_t i = 0; !name && i < BUCKETS; i++) {
        while (environments->buckets[i]) {
            drop(environments, &environments->buckets[i]);
        }
    }
}
