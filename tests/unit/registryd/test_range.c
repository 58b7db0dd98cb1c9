// SPDX-License-Identifier: MIT
// registryd/api/range: headers against a file of 100 bytes.
#include "registryd/request/range.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct {
    const char *header;
    enum range_kind kind;
    int64_t first;
    int64_t last;
} cases[] = {
    {NULL, RANGE_WHOLE, 0, 99},
    {"", RANGE_WHOLE, 0, 99},
    {"bytes", RANGE_WHOLE, 0, 99},
    {"bytes=", RANGE_WHOLE, 0, 99},
    {"bytes=-", RANGE_WHOLE, 0, 99},
    {"bytes=5", RANGE_WHOLE, 0, 99},
    {"bytes=5-4", RANGE_WHOLE, 0, 99},
    {"bytes=--5", RANGE_WHOLE, 0, 99},
    {"bytes=1-2,4-5", RANGE_WHOLE, 0, 99},
    {"bytes=1-2 ", RANGE_WHOLE, 0, 99},
    {"bytes=+1-2", RANGE_WHOLE, 0, 99},
    {"bytes=0x1-2", RANGE_WHOLE, 0, 99},
    {"pages=1-2", RANGE_WHOLE, 0, 99},
    {"bytes=0-0", RANGE_PART, 0, 0},
    {"BYTES=0-99", RANGE_PART, 0, 99},
    {"bytes=0-100", RANGE_PART, 0, 99},
    {"bytes=99-", RANGE_PART, 99, 99},
    {"bytes=000-007", RANGE_PART, 0, 7},
    {"bytes=-1", RANGE_PART, 99, 99},
    {"bytes=-100", RANGE_PART, 0, 99},
    {"bytes=-101", RANGE_PART, 0, 99},
    {"bytes=-99999999999999999999999999999", RANGE_PART, 0, 99},
    {"bytes=1-99999999999999999999999999999", RANGE_PART, 1, 99},
    {"bytes=100-", RANGE_UNSATISFIABLE, 0, 0},
    {"bytes=100-200", RANGE_UNSATISFIABLE, 0, 0},
    {"bytes=99999999999999999999999999999-", RANGE_UNSATISFIABLE, 0, 0},
    {"bytes=-0", RANGE_UNSATISFIABLE, 0, 0},
};

static void headers_of_a_file(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct range range = range_parse(cases[i].header, 100);
        assert_int_equal(range.kind, cases[i].kind);
        if (range.kind != RANGE_UNSATISFIABLE) {
            assert_int_equal(range.first, cases[i].first);
            assert_int_equal(range.last, cases[i].last);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_of_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
