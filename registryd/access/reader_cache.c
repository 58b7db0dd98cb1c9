// SPDX-License-Identifier: MIT
// A table of fixed size, indexed by the token's hash, which is as random as any hash could make it: a new entry
// replaces the one in its place. Only reading is remembered, and only for tokens that were allowed; each entry
// carries the point of history it was true at. One lock, held to copy forty bytes.
#include "registryd/access/reader_cache.h"

#include "schema/base/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PLACES = 4096, LIFE_MS = 1000 };

struct cached_reader {
    uint8_t hash[32];           // SHA-256 of the token
    struct history_point point; // the state in which it was good
    int64_t until_ms;           // 0 = free
};

struct reader_cache {
    pthread_mutex_t lock;
    struct cached_reader places[PLACES];
};

struct reader_cache *reader_cache_new(void) {
    struct reader_cache *cache = calloc(1, sizeof *cache);
    if (cache) {
        pthread_mutex_init(&cache->lock, NULL);
    }
    return cache;
}

void reader_cache_free(struct reader_cache *cache) {
    if (cache) {
        pthread_mutex_destroy(&cache->lock);
        free(cache);
    }
}

// Hashes are evenly spread already.
static struct cached_reader *place_of(struct reader_cache *cache, const uint8_t hash[32]) {
    return &cache->places[(hash[0] | hash[1] << 8) % PLACES];
}

bool reader_cache_has(struct reader_cache *cache, const uint8_t hash[32],
                      const struct history_point *point) {
    if (!cache) {
        return false;
    }
    pthread_mutex_lock(&cache->lock);
    const struct cached_reader *place = place_of(cache, hash);
    // The serial must be the very same: any change of the registry, a revoked token among them,
    // ends all entries. The life bounds what a daemon believes whose feed is silent.
    bool has = place->until_ms > monotonic_ms() && place->point.serial == point->serial &&
               strcmp(place->point.epoch, point->epoch) == 0 &&
               memcmp(place->hash, hash, sizeof place->hash) == 0;
    pthread_mutex_unlock(&cache->lock);
    return has;
}

bool reader_cache_had(struct reader_cache *cache, const uint8_t hash[32]) {
    if (!cache) {
        return false;
    }
    pthread_mutex_lock(&cache->lock);
    const struct cached_reader *place = place_of(cache, hash);
    bool had = place->until_ms && memcmp(place->hash, hash, sizeof place->hash) == 0;
    pthread_mutex_unlock(&cache->lock);
    return had;
}

void reader_cache_add(struct reader_cache *cache, const uint8_t hash[32],
                      const struct history_point *point) {
    if (!cache) {
        return;
    }
    pthread_mutex_lock(&cache->lock);
    struct cached_reader *place = place_of(cache, hash);
    memcpy(place->hash, hash, sizeof place->hash);
    place->point = *point;
    place->until_ms = monotonic_ms() + LIFE_MS;
    pthread_mutex_unlock(&cache->lock);
}
