// SPDX-License-Identifier: MIT
// Deadlines and minimum rates as tables: when a client that sends so many bytes at such moments is given up.
#include "registryd/http/pace.h"

#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { ARRIVALS_MAX = 6, NEVER = -1 };

static const struct receive_pace limits = {
    .deadline_ms = 5000, .window_ms = 1000, .window_bytes = 10};

static const struct {
    const char *what;
    struct {
        int64_t at_ms;
        int64_t bytes;
    } arrivals[ARRIVALS_MAX]; // after the begin at 1 ms
    int64_t given_up_ms;
} cases[] = {
    {"silent", {{0, 0}}, 1001},
    {"one byte too few", {{500, 9}}, 1001},
    {"enough, then silent", {{500, 10}}, 2001},
    {"much at once is not carried over", {{500, 1000}}, 2001},
    {"enough in each window, up to the deadline",
     {{900, 10}, {1900, 10}, {2900, 10}, {3900, 10}, {4900, 10}},
     5000},
    {"late within the windows", {{1, 10}, {2000, 10}, {2900, 10}}, 4001},
};

// As a worker does: it waits as long as it may, or until bytes come.
static int64_t give_up_time(size_t number) {
    struct pace pace = pace_begin(&limits);
    int64_t now_ms = 1;
    int64_t passed = 0;
    size_t next = 0;
    for (int64_t left_ms; (left_ms = pace_left_ms(&pace, now_ms, passed)) > 0;) {
        int64_t until_ms = now_ms + left_ms;
        int64_t arrival_ms = next < ARRIVALS_MAX && cases[number].arrivals[next].bytes
                                 ? cases[number].arrivals[next].at_ms
                                 : until_ms + 1;
        if (arrival_ms <= until_ms) {
            passed += cases[number].arrivals[next++].bytes;
        }
        now_ms = arrival_ms <= until_ms ? arrival_ms : until_ms;
    }
    return now_ms;
}

static void clients_are_given_up_in_time(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t at_ms = give_up_time(i);
        if (at_ms != cases[i].given_up_ms) {
            fail_msg("%s: given up at %lld ms, wanted %lld", cases[i].what, (long long)at_ms,
                     (long long)cases[i].given_up_ms);
        }
    }
}

static void bytes_are_counted_at_the_ends_of_windows_only(void **state) {
    (void)state;
    struct pace pace = pace_begin(&limits);
    assert_true(pace_counts(&pace, 1));
    assert_int_equal(pace_left_ms(&pace, 1, 0), 1000);
    assert_false(pace_counts(&pace, 1000));
    assert_true(pace_counts(&pace, 1001));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clients_are_given_up_in_time),
        cmocka_unit_test(bytes_are_counted_at_the_ends_of_windows_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
