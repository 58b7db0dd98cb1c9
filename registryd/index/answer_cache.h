// SPDX-License-Identifier: MIT
// Finished answers by the canonical text of their question, bounded in bytes; the least recently asked
// goes first. An answer hangs at every group it speaks of, so that a change of a group forgets just
// those. Not locked: the index calls it under its own lock, and every call is a few pointers long.
#pragma once

#include "registryd/index/index.h"

struct answer_cache;

// The answers of one group; embedded, zeroed at first.
struct answer_links {
    struct answer_link *first;
};

struct answer_cache_item {
    const char *key; // canonical text of the question
    size_t key_len;
    const struct answer *answer;  // the cache takes a reference
    struct answer_links **groups; // whose answer it is; borrowed until answer_cache_forget
    size_t group_count;
};

// Makes an answer of which the caller is the only holder; the body is copied. Owned; NULL when out of
// memory.
struct answer *answer_new(const char *body, size_t len, const struct history_point *point);

// Another reference; owned (answer_unref).
const struct answer *answer_ref(const struct answer *answer);

// *ret_cache is owned. Fails with: NO_MEMORY.
enum status answer_cache_new(size_t max_bytes, struct answer_cache **ret_cache, struct error *err);
void answer_cache_free(struct answer_cache *cache);

// Owned (answer_unref); NULL when it is not there.
const struct answer *answer_cache_find(struct answer_cache *cache, const char *key, size_t key_len);

// Keeps an answer, with a reference of its own, in the place of one of the same key. What is larger
// than the whole cache, or finds no memory, is simply not kept.
void answer_cache_add(struct answer_cache *cache, const struct answer_cache_item *item);

// Forgets the answers of one group.
void answer_cache_forget(struct answer_cache *cache, struct answer_links *group);

// How often an answer was found, and how often not.
void answer_cache_stats(const struct answer_cache *cache, uint64_t *ret_matches,
                        uint64_t *ret_misses);

// Bytes kept, with the overhead of each answer.
size_t answer_cache_size(const struct answer_cache *cache);
