// SPDX-License-Identifier: MIT
// Moments of the calendar: rows against known numbers, every day of four centuries against timegm, and what
// is no moment.
#include "schema/base/list.h"
#include "schema/base/utc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

static const struct {
    const char *text;
    int64_t seconds;
    const char *written;
} moments[] = {
    {"1970-01-01", 0, "1970-01-01T00:00:00Z"},
    {"2026-11-30T13:05:13Z", 1796043913, "2026-11-30T13:05:13Z"},
    {"2024-02-29T23:59Z", 1709251140, "2024-02-29T23:59:00Z"},
    {"2000-02-29", 951782400, "2000-02-29T00:00:00Z"},
    {"9999-12-31T23:59:59Z", 253402300799, "9999-12-31T23:59:59Z"},
};

static void moments_are_read_and_written(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(moments); i++) {
        int64_t ms = -1;
        char written[UTC_SIZE];
        assert_true(utc_parse(text_from(moments[i].text), &ms));
        assert_int_equal(ms, moments[i].seconds * 1000);
        utc_write(ms + 999, written);
        assert_string_equal(written, moments[i].written);
    }
}

static void every_day_is_as_in_the_c_library(void **state) {
    (void)state;
    enum { DAYS = 146097, DAY = 86400, NOON = 45296 };
    for (time_t day = 0; day < DAYS; day++) {
        time_t seconds = day * DAY + NOON;
        struct tm parts;
        char expected[64];
        char written[UTC_SIZE];
        int64_t ms = -1;
        gmtime_r(&seconds, &parts);
        strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%SZ", &parts);
        utc_write((int64_t)seconds * 1000, written);
        assert_string_equal(written, expected);
        assert_true(utc_parse(text_from(written), &ms));
        assert_int_equal(ms, (int64_t)seconds * 1000);
    }
}

static void what_is_no_moment_is_refused(void **state) {
    (void)state;
    static const char *const texts[] = {
        "",
        "2026",
        "2026-1-1",
        "2026-02-29",
        "1900-02-28",
        "2026-13-01",
        "2026-00-01",
        "2026-04-31",
        "2026-04-00",
        "1969-12-31",
        "2026-04-01T",
        "2026-04-01Z",
        "2026-04-01 10:00Z",
        "2026-04-01T24:00Z",
        "2026-04-01T10Z",
        "2026-04-01T10:60Z",
        "2026-04-01T10:00:60Z",
        "2026-04-01T10:00:00",
        "2026-04-01T10:00:00+01:00",
        "2026-04-01T10:00:00.5Z",
        " 2026-04-01",
        "2026-04-01 ",
        "+026-04-01",
        "2026-04-01T10:00:00z",
        "2026-04-01T10:00:00ZZ",
        "2026-04-01T-1:00Z",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        int64_t ms = 7;
        if (utc_parse(text_from(texts[i]), &ms)) {
            fail_msg("%s was read", texts[i]);
        }
        assert_int_equal(ms, 7);
    }
}

static void moments_outside_the_calendar_are_its_ends(void **state) {
    (void)state;
    char written[UTC_SIZE];
    utc_write(INT64_MIN, written);
    assert_string_equal(written, "1970-01-01T00:00:00Z");
    utc_write(INT64_MAX, written);
    assert_string_equal(written, "9999-12-31T23:59:59Z");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_read_and_written),
        cmocka_unit_test(every_day_is_as_in_the_c_library),
        cmocka_unit_test(what_is_no_moment_is_refused),
        cmocka_unit_test(moments_outside_the_calendar_are_its_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
