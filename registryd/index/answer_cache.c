// SPDX-License-Identifier: MIT
// A hash table with chains, a list in the order of use, and one list per group, all through the same
// entries. Keys come from strangers, hence the keyed hash. Entries and answers are single heap blocks
// (an arena's first chunk would cost more than a usual answer).
#include "registryd/index/answer_cache.h"

#include "registryd/hash/etag.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { PACKED_DIVISOR = 4 }; // room for the packed form, which JSON and HTML fit into

enum { MIN_BUCKETS = 64, MAX_BUCKETS = 65536, BYTES_PER_BUCKET = 2048 };

// An answer has one link for each group it speaks of. The link is in the list of that group, and
// `previous` lets it leave the list without a search.
struct answer_link {
    struct entry *entry;
    struct answer_link *next;
    struct answer_link **previous; // what points here
};

struct entry {
    struct entry *chain;
    struct entry *newer;
    struct entry *older;
    const struct answer *answer;
    size_t bytes;
    size_t key_len;
    size_t link_count;
    struct answer_link *links; // behind this struct; the key behind them
    char *key;
};

struct answer_cache {
    size_t max_bytes;
    size_t bytes;
    struct entry *newest;
    struct entry *oldest;
    uint64_t matches;
    uint64_t misses;
    struct hash_seed seed;
    size_t bucket_count; // a power of two
    struct entry *buckets[];
};

// Beside the answer, which is const for all who share it.
struct answer_packed {
    pthread_mutex_t lock;
    bool is_done;
    enum status status;
    struct text bytes; // owned
};

// One block: the answer, its packed form's place and the body.
struct answer *answer_new(const char *body, size_t len, const struct history_point *point) {
    struct answer *answer = malloc(sizeof *answer + sizeof(struct answer_packed) + len + 1);
    if (!answer) {
        return NULL;
    }
    struct answer_packed *packed = (struct answer_packed *)(answer + 1);
    static_assert(sizeof answer->etag == ETAG_SIZE, "a tag fits");
    *answer = (struct answer){
        .body = (char *)(packed + 1), .body_len = len, .point = *point, .packed = packed};
    *packed = (struct answer_packed){0};
    pthread_mutex_init(&packed->lock, NULL);
    atomic_init(&answer->references, 1);
    body = len ? body : ""; // an empty buffer has no bytes to point to
    memcpy(answer->body, body, len);
    answer->body[len] = '\0';
    hash_etag(body, len, answer->etag);
    return answer;
}

const struct answer *answer_ref(const struct answer *answer) {
    atomic_int *references = (atomic_int *)&answer->references;
    atomic_fetch_add_explicit(references, 1, memory_order_relaxed);
    return answer;
}

void answer_unref(const struct answer *answer) {
    atomic_int *references = answer ? (atomic_int *)&answer->references : NULL;
    if (answer && atomic_fetch_sub_explicit(references, 1, memory_order_acq_rel) == 1) {
        pthread_mutex_destroy(&answer->packed->lock);
        free((void *)answer->packed->bytes.ptr);
        free((void *)answer);
    }
}

// The first request that accepts gzip packs the body; others wait for it on the answer's own lock. Lack of
// memory is not remembered, so that the next request tries again.
enum status answer_pack(const struct answer *answer, answer_packer *pack, struct text *ret_packed) {
    struct answer_packed *packed = answer->packed;
    pthread_mutex_lock(&packed->lock);
    if (!packed->is_done) {
        const struct text plain = {answer->body, answer->body_len};
        packed->status = pack(plain, &packed->bytes);
        packed->is_done = packed->status != STATUS_NO_MEMORY;
    }
    enum status status = packed->status;
    *ret_packed = packed->bytes;
    pthread_mutex_unlock(&packed->lock);
    return status;
}

enum status answer_cache_new(size_t max_bytes, struct answer_cache **ret_cache, struct error *err) {
    size_t count = MIN_BUCKETS;
    while (count < MAX_BUCKETS && count < max_bytes / BYTES_PER_BUCKET) {
        count *= 2;
    }
    struct answer_cache *cache = calloc(1, sizeof *cache + count * sizeof *cache->buckets);
    if (!cache) {
        return fail_no_memory(err);
    }
    cache->max_bytes = max_bytes;
    cache->bucket_count = count;
    hash_seed_init(&cache->seed);
    *ret_cache = cache;
    return STATUS_OK;
}

static struct entry **bucket_of(struct answer_cache *cache, const char *key, size_t key_len) {
    return &cache->buckets[hash_keyed(&cache->seed, key, key_len) & (cache->bucket_count - 1)];
}

static struct entry **find_place(struct answer_cache *cache, const char *key, size_t key_len) {
    struct entry **place = bucket_of(cache, key, key_len);
    while (*place && ((*place)->key_len != key_len || memcmp((*place)->key, key, key_len) != 0)) {
        place = &(*place)->chain;
    }
    return place;
}

static void take_out_of_order(struct answer_cache *cache, struct entry *entry) {
    *(entry->newer ? &entry->newer->older : &cache->newest) = entry->older;
    *(entry->older ? &entry->older->newer : &cache->oldest) = entry->newer;
}

static void put_newest(struct answer_cache *cache, struct entry *entry) {
    entry->newer = NULL;
    entry->older = cache->newest;
    *(cache->newest ? &cache->newest->newer : &cache->oldest) = entry;
    cache->newest = entry;
}

static void unlink_groups(struct entry *entry) {
    for (size_t i = 0; i < entry->link_count; i++) {
        struct answer_link *link = &entry->links[i];
        *link->previous = link->next;
        if (link->next) {
            link->next->previous = link->previous;
        }
    }
}

static void link_groups(struct entry *entry, struct answer_links **groups) {
    for (size_t i = 0; i < entry->link_count; i++) {
        struct answer_link *link = &entry->links[i];
        *link = (struct answer_link){entry, groups[i]->first, &groups[i]->first};
        if (link->next) {
            link->next->previous = &link->next;
        }
        groups[i]->first = link;
    }
}

// Takes the entry out of all three structures: the chain of its bucket, the order of use, and the
// lists of its groups.
static void drop(struct answer_cache *cache, struct entry *entry) {
    *find_place(cache, entry->key, entry->key_len) = entry->chain;
    take_out_of_order(cache, entry);
    unlink_groups(entry);
    cache->bytes -= entry->bytes;
    answer_unref(entry->answer);
    free(entry);
}

void answer_cache_free(struct answer_cache *cache) {
    while (cache && cache->newest) {
        drop(cache, cache->newest);
    }
    free(cache);
}

// An answer that is found becomes the newest. The caller gets a reference and may keep it without the lock.
const struct answer *answer_cache_find(struct answer_cache *cache, const char *key,
                                       size_t key_len) {
    struct entry *entry = *find_place(cache, key, key_len);
    cache->matches += entry != NULL;
    cache->misses += !entry;
    if (!entry) {
        return NULL;
    }
    take_out_of_order(cache, entry);
    put_newest(cache, entry);
    return answer_ref(entry->answer);
}

// The oldest make room. An answer larger than the whole cache is not kept, and neither is one without memory
// for its entry: the caller has it anyway.
void answer_cache_add(struct answer_cache *cache, const struct answer_cache_item *item) {
    struct entry *present = *find_place(cache, item->key, item->key_len);
    if (present) {
        drop(cache, present);
    }
    size_t links_size = item->group_count * sizeof(struct answer_link);
    size_t entry_size = sizeof(struct entry) + links_size + item->key_len;
    // The packed form is made later, but its room is counted now. So the bound holds without a
    // second look.
    size_t packed_size = item->answer->body_len / PACKED_DIVISOR;
    size_t bytes = entry_size + sizeof *item->answer + sizeof(struct answer_packed) +
                   item->answer->body_len + 1 + packed_size;
    struct entry *entry = bytes <= cache->max_bytes ? malloc(entry_size) : NULL;
    if (!entry) {
        return;
    }
    while (cache->bytes + bytes > cache->max_bytes) {
        drop(cache, cache->oldest);
    }
    *entry = (struct entry){.answer = answer_ref(item->answer),
                            .bytes = bytes,
                            .key_len = item->key_len,
                            .link_count = item->group_count,
                            .links = (struct answer_link *)(entry + 1)};
    entry->key = (char *)(entry->links + item->group_count);
    memcpy(entry->key, item->key, item->key_len);
    link_groups(entry, item->groups);
    *find_place(cache, entry->key, entry->key_len) = entry;
    put_newest(cache, entry);
    cache->bytes += bytes;
}

void answer_cache_forget(struct answer_cache *cache, struct answer_links *group) {
    // drop() takes the link off this list, so the loop ends.
    while (group->first) {
        drop(cache, group->first->entry);
    }
}

void answer_cache_stats(const struct answer_cache *cache, uint64_t *ret_matches,
                        uint64_t *ret_misses) {
    *ret_matches = cache->matches;
    *ret_misses = cache->misses;
}

size_t answer_cache_size(const struct answer_cache *cache) {
    return cache->bytes;
}
