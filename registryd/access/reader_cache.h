// SPDX-License-Identifier: MIT
// Who may read, where reading is closed: tokens that were allowed a moment ago, so that a question from
// memory stays one. An entry holds as long as the daemon has seen no change since, and a second at
// the most: a revoked token is refused as soon as the daemon knows. Of a fixed size; any thread.
#pragma once

#include "registryd/index/index.h"

struct reader_cache;

// Owned; NULL when out of memory.
struct reader_cache *reader_cache_new(void);
void reader_cache_free(struct reader_cache *cache);

// Whether the token of this hash was allowed to read at this point. NULL knows nothing.
bool reader_cache_has(struct reader_cache *cache, const uint8_t hash[32],
                      const struct history_point *point);

// Whether it ever was, as far as is remembered: for while the store is away.
bool reader_cache_had(struct reader_cache *cache, const uint8_t hash[32]);

// `point` is where the daemon stood before the token was looked up.
void reader_cache_add(struct reader_cache *cache, const uint8_t hash[32],
                      const struct history_point *point);
