// SPDX-License-Identifier: MIT
// Questions as text: the same for the same question, whatever the order and the repetitions.
#include "schema/snapshot/query_string.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena;

static int begin(void **state) {
    (void)state;
    arena = arena_new(0);
    return !arena;
}

static int end(void **state) {
    (void)state;
    arena_free(arena);
    return 0;
}

static void questions_are_written(void **state) {
    (void)state;
    static const struct {
        struct query_parameter parts[6];
        const char *expected;
    } cases[] = {
        {{{0}}, "environment=default"},
        {{{"environment", ""}}, "environment=default"},
        {{{"environment", NULL}, {"python", NULL}}, "environment=default"},
        {{{"python", "3.11"}, {"environment", "prod"}}, "environment=prod&python=3.11"},
        {{{"group", "b"}, {"group", "a"}, {"group", "b"}}, "environment=default&group=a&group=b"},
        {{{"have", "x==1+l"}, {"marker", "a=b c"}, {"group", "g"}},
         "environment=default&group=g&have=x%3D%3D1%2Bl&marker=a%3Db%20c"},
        {{{"limit", "5"},
          {"cursor", "x"},
          {"explain", "1"},
          {"min_serial", "9"},
          {"min_epoch", "4"},
          {"tag", "t"}},
         "environment=default&tag=t"},
        {{{"group", "\xc3\xa9&="}}, "environment=default&group=%C3%A9%26%3D"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct query_parameter parts[6];
        size_t count = 0;
        while (count < 6 && cases[i].parts[count].name) {
            parts[count] = cases[i].parts[count];
            count++;
        }
        assert_string_equal(query_string_write(arena, parts, count), cases[i].expected);
    }
}

static void groups_are_found_in_questions(void **state) {
    (void)state;
    assert_true(query_string_has_group("environment=default", "any"));
    assert_true(query_string_has_group("environment=default&python=3", "any"));
    assert_true(query_string_has_group("environment=default&group=a&group=b", "b"));
    assert_false(query_string_has_group("environment=default&group=a&group=b", "c"));
    assert_false(query_string_has_group("environment=default&group=ab", "a"));
    assert_true(query_string_has_group("environment=default&group=%C3%A9", "\xc3\xa9"));
    assert_true(query_string_has_group("", "a"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(questions_are_written, begin, end),
        cmocka_unit_test_setup_teardown(groups_are_found_in_questions, begin, end),
    };
    return cmocka_run_group_tests_name("question", tests, NULL, NULL);
}
