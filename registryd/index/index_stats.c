// SPDX-License-Identifier: MIT
// Numbers about the index, for those who watch it.
#include "registryd/index/answer_cache.h"
#include "registryd/index/index_state.h"
#include "registryd/tables/required_table.h"
#include "schema/base/clock.h"

void index_stats(struct index *index, struct index_stats *ret_stats) {
    pthread_mutex_lock(&index->lock);
    struct index_stats stats = {
        .point = index->point,
        .is_following = index->following,
        .lag_ms = index->following ? 0 : monotonic_ms() - index->known_ms,
        // The table of required packages stands among the groups, but it is none.
        .groups = group_map_count(index->groups) -
                  (group_map_find(index->groups, REQUIRED_GROUP) != NULL),
        .cache_bytes = answer_cache_size(index->cache),
    };
    answer_cache_stats(index->cache, &stats.cache_hits, &stats.cache_misses);
    pthread_mutex_unlock(&index->lock);
    *ret_stats = stats;
}
