// SPDX-License-Identifier: MIT
// Bounds: exactly so many at once, exactly so many over time, each key for itself, in fixed memory.
#include "registryd/access/limits.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const int64_t second_ns = 1000000000;
static const int64_t begin_ns = 5000 * (int64_t)1000000000;

static struct limits *make(struct limit_settings settings) {
    struct limits *limits = NULL;
    assert_int_equal(limits_new(&settings, &limits, NULL), STATUS_OK);
    return limits;
}

// How many of `tries` are let through, spread evenly over a time.
static int count_let(struct limits *limits, enum limit limit, int tries, int64_t over_ns) {
    uint64_t key = limits_key_text(limits, "192.0.2.1");
    int let = 0;
    for (int i = 0; i < tries; i++) {
        let += limits_take(limits, limit, key, begin_ns + over_ns * i / tries) == 0;
    }
    return let;
}

static void so_many_at_once(void **state) {
    (void)state;
    static const struct {
        struct limit_settings settings;
        enum limit limit;
        int at_once;
    } cases[] = {
        {{.requests_per_second = 200}, LIMIT_ON_REQUESTS, 400},
        {{.publishes_per_minute = 60}, LIMIT_ON_PUBLISHES, 60},
        {{.new_names_per_hour = 20, .new_names_burst = 200}, LIMIT_ON_NEW_NAMES, 200},
        {{.bad_tokens = 10}, LIMIT_ON_BAD_TOKENS, 10},
        {{.requests_per_second = 1}, LIMIT_ON_REQUESTS, 2},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct limits *limits = make(cases[i].settings);
        assert_int_equal(count_let(limits, cases[i].limit, 1000, 0), cases[i].at_once);
        limits_free(limits);
    }
}

static void so_many_over_time(void **state) {
    (void)state;
    struct limits *limits = make((struct limit_settings){.requests_per_second = 200});
    int let = count_let(limits, LIMIT_ON_REQUESTS, 100000, 100 * second_ns);
    assert_in_range(let, 20400 - 2, 20400 + 2); // 100 s, and the burst
    limits_free(limits);
}

static void the_wait_is_right(void **state) {
    (void)state;
    struct limits *limits =
        make((struct limit_settings){.new_names_per_hour = 20, .new_names_burst = 20});
    uint64_t key = limits_key_number(limits, 7);
    int wait_s = 0;
    for (int i = 0; i < 20; i++) {
        assert_int_equal(limits_take(limits, LIMIT_ON_NEW_NAMES, key, begin_ns), 0);
    }
    wait_s = limits_take(limits, LIMIT_ON_NEW_NAMES, key, begin_ns);
    assert_int_equal(wait_s, 180);
    assert_int_not_equal(
        limits_peek(limits, LIMIT_ON_NEW_NAMES, key, begin_ns + (wait_s - 1) * second_ns), 0);
    assert_int_equal(limits_peek(limits, LIMIT_ON_NEW_NAMES, key, begin_ns + wait_s * second_ns),
                     0);
    assert_int_equal(limits_take(limits, LIMIT_ON_NEW_NAMES, key, begin_ns + wait_s * second_ns),
                     0);
    assert_int_not_equal(
        limits_take(limits, LIMIT_ON_NEW_NAMES, key, begin_ns + wait_s * second_ns), 0);
    limits_free(limits);
}

static void keys_and_bounds_are_apart(void **state) {
    (void)state;
    struct limits *limits =
        make((struct limit_settings){.bad_tokens = 1, .publishes_per_minute = 1});
    uint64_t one = limits_key_text(limits, "192.0.2.1");
    uint64_t two = limits_key_text(limits, "192.0.2.10");
    assert_int_equal(limits_take(limits, LIMIT_ON_BAD_TOKENS, one, begin_ns), 0);
    assert_int_not_equal(limits_take(limits, LIMIT_ON_BAD_TOKENS, one, begin_ns), 0);
    assert_int_equal(limits_take(limits, LIMIT_ON_BAD_TOKENS, two, begin_ns), 0);
    assert_int_equal(limits_take(limits, LIMIT_ON_PUBLISHES, one, begin_ns), 0);
    for (int i = 0; i < 100; i++) { // without a bound
        assert_int_equal(limits_take(limits, LIMIT_ON_REQUESTS, one, begin_ns), 0);
        assert_int_equal(limits_take(NULL, LIMIT_ON_REQUESTS, one, begin_ns), 0);
    }
    limits_free(limits);
}

static void many_keys_do_not_free_a_busy_one(void **state) {
    (void)state;
    struct limits *limits = make((struct limit_settings){.bad_tokens = 10});
    uint64_t busy = limits_key_text(limits, "busy");
    while (limits_take(limits, LIMIT_ON_BAD_TOKENS, busy, begin_ns) == 0) {
    }
    for (int64_t i = 0; i < 1000000; i++) {
        limits_take(limits, LIMIT_ON_BAD_TOKENS, limits_key_number(limits, i), begin_ns);
    }
    assert_int_not_equal(limits_take(limits, LIMIT_ON_BAD_TOKENS, busy, begin_ns), 0);
    limits_free(limits);
}

// ---- shares ----

// A database of one budget: grants what there is of `left`.
static size_t answer_asks(struct limits *limits, int64_t *left, int64_t now_ns) {
    struct limit_ask asks[8];
    size_t count = limits_take_asks(limits, asks, COUNT_OF(asks), 0);
    for (size_t i = 0; i < count; i++) {
        *left -= asks[i].spent;
        int64_t granted = *left < asks[i].wanted ? (*left > 0 ? *left : 0) : asks[i].wanted;
        *left -= granted;
        const struct limit_grant grant = {granted, 60 * 1000000};
        limits_grant(limits, &asks[i], &grant, now_ns);
    }
    return count;
}

static struct limits *make_sharing(int publishes_per_minute) {
    struct limits *limits = make(
        (struct limit_settings){.is_shared = true, .publishes_per_minute = publishes_per_minute});
    limits_share(limits, true, 42);
    return limits;
}

static void keys_are_the_same_at_all_daemons(void **state) {
    (void)state;
    struct limits *one = make_sharing(60);
    struct limits *other = make_sharing(60);
    assert_true(limits_key_text(one, "192.0.2.1") == limits_key_text(other, "192.0.2.1"));
    assert_true(limits_key_number(one, 7) == limits_key_number(other, 7));
    limits_free(one);
    limits_free(other);
}

static void who_uses_little_asks_for_nothing(void **state) {
    (void)state;
    struct limits *limits = make_sharing(160); // the free part is ten at once and ten a minute
    uint64_t key = limits_key_number(limits, 7);
    int64_t left = 0;
    for (int64_t i = 0; i < 50; i++) { // for ten minutes, five a minute
        assert_int_equal(
            limits_take(limits, LIMIT_ON_PUBLISHES, key, begin_ns + i * 12 * second_ns), 0);
        assert_int_equal(answer_asks(limits, &left, begin_ns + i * 12 * second_ns), 0);
    }
    limits_free(limits);
}

// Three daemons, one token, as fast as it can: what all let through together is the budget, and what was on account
// while the first answers were under way.
static void three_daemons_keep_one_budget(void **state) {
    (void)state;
    enum { DAEMONS = 3, BUDGET = 160 };
    struct limits *daemons[DAEMONS];
    int64_t left = BUDGET;
    int let = 0;
    for (int i = 0; i < DAEMONS; i++) {
        daemons[i] = make_sharing(BUDGET);
    }
    uint64_t key = limits_key_number(daemons[0], 7);
    for (int turn = 0; turn < 1000; turn++) {
        let += limits_take(daemons[turn % DAEMONS], LIMIT_ON_PUBLISHES, key, begin_ns) == 0;
        answer_asks(daemons[turn % DAEMONS], &left, begin_ns);
    }
    assert_true(let >= BUDGET - DAEMONS * BUDGET / 8); // what is leased and not used
    assert_true(let <= BUDGET + DAEMONS * BUDGET / 16);
    for (int i = 0; i < DAEMONS; i++) {
        assert_true(limits_take(daemons[i], LIMIT_ON_PUBLISHES, key, begin_ns) > 0);
        assert_true(limits_peek(daemons[i], LIMIT_ON_PUBLISHES, key, begin_ns) > 0);
        limits_free(daemons[i]);
    }
}

static void without_an_answer_not_all_is_let_in(void **state) {
    (void)state;
    struct limits *limits = make_sharing(160);
    assert_int_equal(count_let(limits, LIMIT_ON_PUBLISHES, 1000, 0),
                     90); // the free part, and half a bucket on account
    limits_free(limits);
}

static void without_the_database_the_limit_is_the_daemons_own(void **state) {
    (void)state;
    struct limits *limits = make_sharing(160);
    count_let(limits, LIMIT_ON_PUBLISHES, 1000, 0);
    limits_share(limits, false, limits_seed(limits));
    assert_int_equal(count_let(limits, LIMIT_ON_PUBLISHES, 1000, 0), 70);
    limits_free(limits);
}

static void what_could_not_be_reported_is_reported_again(void **state) {
    (void)state;
    struct limits *limits = make_sharing(160);
    struct limit_ask asks[2];
    count_let(limits, LIMIT_ON_PUBLISHES, 1000, 0);
    assert_int_equal(limits_take_asks(limits, asks, 2, 0), 1);
    assert_int_equal(asks[0].spent, 90);
    const struct limit_grant none = {-1, 0};
    limits_grant(limits, &asks[0], &none, begin_ns);
    limits_take(limits, LIMIT_ON_PUBLISHES, asks[0].key, begin_ns);
    assert_int_equal(limits_take_asks(limits, asks, 2, 0), 1);
    assert_int_equal(asks[0].spent, 91);
    limits_free(limits);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(so_many_at_once),
        cmocka_unit_test(so_many_over_time),
        cmocka_unit_test(the_wait_is_right),
        cmocka_unit_test(keys_and_bounds_are_apart),
        cmocka_unit_test(many_keys_do_not_free_a_busy_one),
        cmocka_unit_test(keys_are_the_same_at_all_daemons),
        cmocka_unit_test(who_uses_little_asks_for_nothing),
        cmocka_unit_test(three_daemons_keep_one_budget),
        cmocka_unit_test(without_an_answer_not_all_is_let_in),
        cmocka_unit_test(without_the_database_the_limit_is_the_daemons_own),
        cmocka_unit_test(what_could_not_be_reported_is_reported_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
