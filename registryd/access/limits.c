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

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

// A set is the eight slots that one key can be in; a lock guards every 64th set, so that threads
// seldom meet.
enum { WAYS = 8, LOCKS = 64 };

static const int64_t second_ns = 1000000000;

struct bucket {
    uint64_t key; // 0 = free
    int64_t full_ns;
};

struct bucket_table {
    struct bucket *slots; // NULL = without a bound
    size_t sets;          // a power of two
    int64_t each_ns;      // what one is worth
    int64_t burst_ns;     // what a full bucket is worth
};

struct limits {
    uint64_t seed;
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

static bool init_table(struct bucket_table *table, const struct bound *bound) {
    if (!bound->count) {
        return true;
    }
    table->sets = bound->sets;
    table->each_ns = bound->period_ns / bound->count;
    table->burst_ns = table->each_ns * bound->burst;
    table->slots = calloc(bound->sets * WAYS, sizeof *table->slots);
    return table->slots;
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
    for (size_t i = 0; i < LOCKS; i++) {
        pthread_mutex_init(&limits->locks[i], NULL);
    }
    for (size_t i = 0; i < LIMIT_ON_COUNT; i++) {
        if (!init_table(&limits->tables[i], &bounds[i])) {
            limits_free(limits);
            return fail_no_memory(err);
        }
    }
    if (getrandom(&limits->seed, sizeof limits->seed, 0) < 0) {
        limits_free(limits);
        return fail(err, STATUS_INTERNAL, NULL, "The system's random source failed: %s",
                    strerror(errno));
    }
    *ret_limits = limits;
    return STATUS_OK;
}

void limits_free(struct limits *limits) {
    if (!limits) {
        return;
    }
    for (size_t i = 0; i < LIMIT_ON_COUNT; i++) {
        free(limits->tables[i].slots);
    }
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

uint64_t limits_key_text(const struct limits *limits, const char *text) {
    uint64_t key = limits ? limits->seed : 0;
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
    return never_zero(mix((limits ? limits->seed : 0) ^ (uint64_t)number));
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
