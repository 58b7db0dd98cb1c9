// SPDX-License-Identifier: MIT
// One number a key: the time at which its bucket will be full again. A request moves it on by the time
// one request is worth, and is refused when that lies further ahead than a full bucket is worth. The
// numbers stand in small sets that a keyed hash chooses; in a full set the key that is nearest to being
// full again, and so loses least, gives its place.
//
//     now             full_ns                      now + burst_ns
//      |----------------|------------ room ------------|
//         used so far      each request moves full_ns on by each_ns
//
#include "registryd/access/limits.h"

#include "schema/base/clock.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

// A set is the eight slots that one key can be in; a lock guards every 64th set, so that threads
// seldom meet.
enum { WAYS = 8, LOCKS = 64 };

// What a daemon lets a key use without asking: a sixteenth of the rate and of a full bucket. What it leases at once is
// an eighth of a full bucket. While it asks, half of a full bucket goes on account: the answer takes some tens of
// milliseconds, and a client that sends quickly must not be refused what its budget still holds. ASKS is the room for keys that want shares; what finds
// none asks again with its next request.
enum { FREE_PART = 16, BATCH_PART = 8, ACCOUNT_PART = 2, ASKS = 256 };

static const int64_t second_ns = 1000000000;

struct bucket {
    uint64_t key; // 0 = free
    int64_t full_ns;
};

// Beside a bucket, where bounds are shared:
//
//     first the leased shares (credit), then the free part, then on account (owed) while the thread asks
//
struct lease {
    int64_t credit;     // shares that are left
    int64_t unshared;   // used without a share and not reported yet
    int64_t on_account; // of it, since the free part was used up
    int64_t free_ns;    // when the free part will be whole again
    int64_t denied_ns;  // there are no shares before
    bool is_asked;      // it is among the asks, or its answer is under way
};

struct bucket_table {
    struct bucket *slots; // NULL = without a bound
    struct lease *leases; // of the slots; NULL = not shared
    size_t sets;          // a power of two
    int64_t each_ns;      // what one is worth
    int64_t burst_ns;     // what a full bucket is worth
};

// The locks of the buckets are taken before that of the asks, and never while it is held.
struct limits {
    atomic_uint_fast64_t seed;
    atomic_bool is_sharing;
    pthread_mutex_t asks_lock;
    pthread_cond_t asked;
    bool is_woken;
    size_t ask_count;
    struct {
        enum limit limit;
        uint64_t key;
    } asks[ASKS];
    struct limit_settings settings;
    struct bucket_table tables[LIMIT_ON_COUNT];
    pthread_mutex_t locks[LOCKS];
};

// ---- making ----

struct bound {
    int count;
    int64_t period_ns;
    int burst;
    size_t sets;
};

static bool init_table(struct bucket_table *table, const struct bound *bound, bool is_shared) {
    if (!bound->count) {
        return true;
    }
    table->sets = bound->sets;
    table->each_ns = bound->period_ns / bound->count;
    table->burst_ns = table->each_ns * bound->burst;
    table->slots = calloc(bound->sets * WAYS, sizeof *table->slots);
    table->leases = is_shared ? calloc(bound->sets * WAYS, sizeof *table->leases) : NULL;
    return table->slots && (table->leases || !is_shared);
}

struct limit_settings limits_settings(const struct limits *limits) {
    return limits ? limits->settings : (struct limit_settings){0};
}

enum status limits_new(const struct limit_settings *settings, struct limits **ret_limits,
                       struct error *err) {
    // Sets, not keys: 8192 sets of 8 slots of 16 bytes are 1 MiB. What is counted by address or
    // host has more keys than what is counted by token.
    enum { MANY = 8192, FEW = 1024 };
    const struct bound bounds[LIMIT_ON_COUNT] = {
        [LIMIT_ON_REQUESTS] = {settings->requests_per_second, second_ns,
                               2 * settings->requests_per_second, MANY},
        [LIMIT_ON_BAD_TOKENS] = {settings->bad_tokens, 300 * second_ns, settings->bad_tokens, MANY},
        [LIMIT_ON_PUBLISHES] = {settings->publishes_per_minute, 60 * second_ns,
                                settings->publishes_per_minute, FEW},
        [LIMIT_ON_NEW_NAMES] = {settings->new_names_per_hour, 3600 * second_ns,
                                settings->new_names_burst, FEW},
        [LIMIT_ON_REPORTS] = {REPORTS_PER_MINUTE, 60 * second_ns, REPORTS_PER_MINUTE, FEW},
        [LIMIT_ON_HOST_REPORTS] = {HOST_REPORTS_PER_MINUTE, 60 * second_ns, HOST_REPORTS_PER_MINUTE,
                                   MANY},
        [LIMIT_ON_HOST_BYTES] = {HOST_REPORT_KIB_PER_HOUR, 3600 * second_ns,
                                 HOST_REPORT_KIB_PER_HOUR, MANY},
    };
    struct limits *limits = calloc(1, sizeof *limits);
    if (!limits) {
        return fail_no_memory(err);
    }
    limits->settings = *settings;
    pthread_mutex_init(&limits->asks_lock, NULL);
    pthread_cond_init(&limits->asked, NULL);
    for (size_t i = 0; i < LOCKS; i++) {
        pthread_mutex_init(&limits->locks[i], NULL);
    }
    for (size_t i = 0; i < LIMIT_ON_COUNT; i++) {
        if (!init_table(&limits->tables[i], &bounds[i], settings->is_shared)) {
            limits_free(limits);
            return fail_no_memory(err);
        }
    }
    uint64_t seed = 0;
    if (getrandom(&seed, sizeof seed, 0) < 0) {
        limits_free(limits);
        return fail(err, STATUS_INTERNAL, NULL, "The system's random source failed: %s",
                    strerror(errno));
    }
    atomic_init(&limits->seed, seed);
    *ret_limits = limits;
    return STATUS_OK;
}

void limits_free(struct limits *limits) {
    if (!limits) {
        return;
    }
    for (size_t i = 0; i < LIMIT_ON_COUNT; i++) {
        free(limits->tables[i].slots);
        free(limits->tables[i].leases);
    }
    pthread_mutex_destroy(&limits->asks_lock);
    pthread_cond_destroy(&limits->asked);
    for (size_t i = 0; i < LOCKS; i++) {
        pthread_mutex_destroy(&limits->locks[i]);
    }
    free(limits);
}

// ---- keys ----

// The finisher of splitmix64. With the secret seed in it an attacker cannot choose addresses that share a
// set.
static uint64_t mix(uint64_t value) {
    value ^= value >> 30;
    value *= 0xbf58476d1ce4e5b9u;
    value ^= value >> 27;
    value *= 0x94d049bb133111ebu;
    return value ^ value >> 31;
}

static uint64_t never_zero(uint64_t key) {
    return key ? key : 1;
}

uint64_t limits_seed(const struct limits *limits) {
    return limits ? atomic_load_explicit(&limits->seed, memory_order_relaxed) : 0;
}

uint64_t limits_key_text(const struct limits *limits, const char *text) {
    uint64_t key = limits_seed(limits);
    size_t len = strlen(text);
    while (len) {
        uint64_t piece = 0;
        size_t taken = len < sizeof piece ? len : sizeof piece;
        memcpy(&piece, text, taken);
        key = mix(key ^ piece) + taken;
        text += taken;
        len -= taken;
    }
    return never_zero(mix(key));
}

uint64_t limits_key_number(const struct limits *limits, int64_t number) {
    return never_zero(mix(limits_seed(limits) ^ (uint64_t)number));
}

uint64_t limits_key_pair(const struct limits *limits, int64_t number, const char *text) {
    return never_zero(mix(limits_key_number(limits, number) ^ limits_key_text(limits, text)));
}

// ---- counting ----

static struct bucket *find_slot(const struct bucket_table *table, size_t set, uint64_t key) {
    struct bucket *slots = &table->slots[set * WAYS];
    struct bucket *least = slots;
    for (size_t i = 0; i < WAYS; i++) {
        if (slots[i].key == key) {
            return &slots[i];
        }
        least = slots[i].full_ns < least->full_ns ? &slots[i] : least;
    }
    return least;
}

// ---- shares ----

static int64_t part_of(const struct bucket_table *table, int part) {
    int64_t burst = table->each_ns ? table->burst_ns / table->each_ns : 0;
    return burst / part > 0 ? burst / part : 1;
}

// The lock of the bucket's set is held.
static void ask(struct limits *limits, enum limit limit, uint64_t key, struct lease *lease) {
    if (lease->is_asked) {
        return;
    }
    pthread_mutex_lock(&limits->asks_lock);
    lease->is_asked = limits->ask_count < ASKS;
    if (lease->is_asked) {
        limits->asks[limits->ask_count].limit = limit;
        limits->asks[limits->ask_count++].key = key;
        pthread_cond_signal(&limits->asked);
    }
    pthread_mutex_unlock(&limits->asks_lock);
}

// Whether a free part is left, which is used then. When it is whole again, what was used of it is forgotten.
static bool use_free(const struct bucket_table *table, struct lease *lease, int64_t now_ns,
                     int64_t count) {
    if (lease->free_ns <= now_ns) {
        lease->free_ns = now_ns;
        lease->unshared = lease->is_asked ? lease->unshared : 0;
        lease->on_account = 0;
    }
    int64_t full_ns = lease->free_ns + FREE_PART * table->each_ns * count;
    if (full_ns - now_ns > table->burst_ns) {
        return false;
    }
    lease->free_ns = full_ns;
    lease->unshared += count;
    return true;
}

// Nanoseconds to wait; 0 = go on. A first request on account is let in whatever it counts.
static int64_t use_share(struct limits *limits, enum limit limit, uint64_t key, size_t slot,
                         int64_t now_ns, int64_t count) {
    struct bucket_table *table = &limits->tables[limit];
    struct lease *lease = &table->leases[slot];
    if (lease->credit >= count) {
        lease->credit -= count;
        if (lease->credit < part_of(table, 2 * BATCH_PART)) {
            ask(limits, limit, key, lease);
        }
        return 0;
    }
    if (lease->denied_ns > now_ns) {
        return lease->denied_ns - now_ns;
    }
    if (use_free(table, lease, now_ns, count)) {
        return 0;
    }
    ask(limits, limit, key, lease);
    if (lease->on_account && lease->on_account + count > part_of(table, ACCOUNT_PART)) {
        return second_ns / 10; // its answer is under way
    }
    lease->on_account += count;
    lease->unshared += count;
    return 0;
}

// The lease of a slot, which may have been another key's. The lock of the set is held.
static int64_t judge_shared(struct limits *limits, enum limit limit, const struct bucket *bucket,
                            uint64_t key, int64_t now_ns, int64_t count) {
    struct bucket_table *table = &limits->tables[limit];
    size_t slot = (size_t)(bucket - table->slots);
    struct lease *lease = &table->leases[slot];
    if (bucket->key != key && count) {
        *lease = (struct lease){0};
    }
    if (!limits_is_sharing(limits)) {
        return 0;
    }
    if (count) {
        return use_share(limits, limit, key, slot, now_ns, count);
    }
    bool is_denied = bucket->key == key && !lease->credit && lease->denied_ns > now_ns;
    return is_denied ? lease->denied_ns - now_ns : 0;
}

// The lease of a key, with the lock of its set held; NULL without a lock when the key is not remembered any more.
static struct lease *lock_lease(struct limits *limits, enum limit limit, uint64_t key,
                                pthread_mutex_t **ret_lock) {
    struct bucket_table *table = &limits->tables[limit];
    size_t set = (size_t)(key & (table->sets - 1));
    pthread_mutex_t *lock = &limits->locks[set % LOCKS];
    pthread_mutex_lock(lock);
    struct bucket *slot = find_slot(table, set, key);
    if (slot->key != key) {
        pthread_mutex_unlock(lock);
        return NULL;
    }
    *ret_lock = lock;
    return &table->leases[slot - table->slots];
}

static void fill_ask(struct limits *limits, struct limit_ask *ask) {
    const struct bucket_table *table = &limits->tables[ask->limit];
    pthread_mutex_t *lock = NULL;
    struct lease *lease = lock_lease(limits, ask->limit, ask->key, &lock);
    ask->each_us = table->each_ns / 1000;
    ask->burst_us = table->burst_ns / 1000;
    if (!lease) {
        return;
    }
    ask->spent = lease->unshared;
    ask->wanted = part_of(table, BATCH_PART);
    lease->unshared = 0;
    pthread_mutex_unlock(lock);
}

void limits_grant(struct limits *limits, const struct limit_ask *ask,
                  const struct limit_grant *grant, int64_t now_ns) {
    pthread_mutex_t *lock = NULL;
    struct lease *lease = lock_lease(limits, ask->limit, ask->key, &lock);
    if (!lease) {
        return;
    }
    lease->is_asked = false;
    lease->on_account = 0;
    if (grant->granted < 0) {
        lease->unshared += ask->spent;
    } else {
        lease->credit += grant->granted;
    }
    lease->denied_ns = grant->granted ? 0 : now_ns + grant->wait_us * 1000;
    pthread_mutex_unlock(lock);
}

size_t limits_take_asks(struct limits *limits, struct limit_ask *ret_asks, size_t max,
                        int timeout_ms) {
    int64_t deadline_ms = monotonic_ms() + timeout_ms;
    size_t count = 0;
    pthread_mutex_lock(&limits->asks_lock);
    while ((!max || !limits->ask_count) && !limits->is_woken &&
           monotonic_wait(&limits->asked, &limits->asks_lock, deadline_ms)) {
    }
    for (; count < max && limits->ask_count; count++) {
        limits->ask_count--;
        ret_asks[count] = (struct limit_ask){.limit = limits->asks[limits->ask_count].limit,
                                             .key = limits->asks[limits->ask_count].key};
    }
    pthread_mutex_unlock(&limits->asks_lock);
    for (size_t i = 0; i < count; i++) {
        fill_ask(limits, &ret_asks[i]);
    }
    return count;
}

void limits_wake(struct limits *limits) {
    pthread_mutex_lock(&limits->asks_lock);
    limits->is_woken = true;
    pthread_cond_signal(&limits->asked);
    pthread_mutex_unlock(&limits->asks_lock);
}

void limits_share(struct limits *limits, bool is_sharing, uint64_t seed) {
    atomic_store(&limits->seed, seed);
    atomic_store(&limits->is_sharing, is_sharing);
}

bool limits_is_sharing(const struct limits *limits) {
    return limits && atomic_load_explicit(&limits->is_sharing, memory_order_relaxed);
}

// ---- judging ----

// `count` 0 only looks, as if for one.
// Seconds to wait, rounded up; 0 = go on. A refused request does not move the bucket: who keeps
// asking is let in as soon as the time has come.
static int judge(struct limits *limits, enum limit limit, uint64_t key, int64_t now_ns,
                 int64_t count) {
    struct bucket_table *table = limits ? &limits->tables[limit] : NULL;
    if (!table || !table->slots) {
        return 0;
    }
    size_t set = (size_t)(key & (table->sets - 1));
    pthread_mutex_t *lock = &limits->locks[set % LOCKS];
    pthread_mutex_lock(lock);
    struct bucket *slot = find_slot(table, set, key);
    // A bucket that is full again is the same as none.
    int64_t full_ns = slot->key == key && slot->full_ns > now_ns ? slot->full_ns : now_ns;
    int64_t worth_ns = table->each_ns * (count ? count : 1);
    int64_t over_ns = full_ns + worth_ns - now_ns - table->burst_ns;
    if (over_ns <= 0 && table->leases) {
        over_ns = judge_shared(limits, limit, slot, key, now_ns, count);
    }
    if (over_ns <= 0 && count) {
        *slot = (struct bucket){key, full_ns + worth_ns};
    }
    pthread_mutex_unlock(lock);
    return over_ns <= 0 ? 0 : (int)((over_ns + second_ns - 1) / second_ns);
}

int limits_take(struct limits *limits, enum limit limit, uint64_t key, int64_t now_ns) {
    return judge(limits, limit, key, now_ns, 1);
}

int limits_take_many(struct limits *limits, enum limit limit, uint64_t key, int64_t count,
                     int64_t now_ns) {
    return judge(limits, limit, key, now_ns, count);
}

int limits_peek(struct limits *limits, enum limit limit, uint64_t key, int64_t now_ns) {
    return judge(limits, limit, key, now_ns, 0);
}

// The coarse clock is read without a system call and is exact to some milliseconds, which is enough
// for bounds of a second and more.
int64_t limits_now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return now.tv_sec * second_ns + now.tv_nsec;
}
