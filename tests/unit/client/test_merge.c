// SPDX-License-Identifier: MIT
// Merging by a table: lists of records in, who wins, who is shadowed by whom, in which order.
#include "client/walk/merge.h"

#include "schema/base/cleanup.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum { ROWS_MAX = 8 };

struct row {
    size_t list;
    const char *group;
    const char *name;
    const char *origin;
    const char *shadowed_by; // expected
    bool broken;
};

struct merge_case {
    const char *title;
    size_t lists;
    size_t count;
    struct row rows[ROWS_MAX]; // in the expected order of the answer; fed in by list
};

static const struct merge_case cases[] = {
    {"nothing at all", 0, 0, {{0}}},
    {"empty lists", 3, 0, {{0}}},
    {"one list stays as it is",
     1,
     2,
     {{0, "g", "a", "install/a", NULL, false}, {0, "g", "b", "install/b", NULL, false}}},
    {"different names live side by side",
     2,
     2,
     {{1, "g", "a", "data/a", NULL, false}, {0, "g", "b", "install/b", NULL, false}}},
    {"the first list wins",
     2,
     2,
     {{1, "g", "a", "data/a", "install/a", false}, {0, "g", "a", "install/a", NULL, false}}},
    {"the first of three wins over both",
     3,
     3,
     {{2, "g", "a", "a/a", "c/a", false},
      {1, "g", "a", "b/a", "c/a", false},
      {0, "g", "a", "c/a", NULL, false}}},
    {"another group is another entry point",
     2,
     2,
     {{0, "g", "a", "install/a", NULL, false}, {1, "h", "a", "data/a", NULL, false}}},
    {"a broken winner still wins",
     2,
     2,
     {{1, "g", "a", "data/a", "install/a", false}, {0, "g", "a", "install/a", NULL, true}}},
    {"a broken loser is shadowed too",
     2,
     2,
     {{1, "g", "a", "data/a", "install/a", true}, {0, "g", "a", "install/a", NULL, false}}},
    {"records of one list never shadow one another",
     1,
     2,
     {{0, "g", "a", "install/a", NULL, false}, {0, "g", "a", "install/b", NULL, false}}},
    {"in a unique group the first of a list wins",
     1,
     3,
     {{0, "unique.plugins", "a", "install/a", NULL, false},
      {0, "unique.plugins", "a", "install/b", "install/a", false},
      {0, "unique.plugins", "b", "install/c", NULL, false}}},
    {"two of the first list shadow the second list's",
     2,
     3,
     {{1, "g", "a", "data/a", "install/a", false},
      {0, "g", "a", "install/a", NULL, false},
      {0, "g", "a", "install/b", NULL, false}}},
    {"records without a name are nobody's rivals",
     2,
     2,
     {{1, "g", NULL, "data/x", NULL, true}, {0, "g", NULL, "install/x", NULL, true}}},
};

static void feed(struct arena *arena, const struct merge_case *test, struct records *lists) {
    for (size_t i = 0; i < test->count; i++) {
        const struct row *row = &test->rows[i];
        struct record *record = records_add(arena, &lists[row->list]);
        assert_non_null(record);
        record->group = row->group;
        record->name = row->name;
        record->origin = row->origin;
        record->source = "walk";
        record->label = "root";
        if (row->broken) {
            findings_add(&record->findings, SEVERITY_ERROR, "malformed", row->origin, NULL, "bad");
        }
    }
}

static enum status merge(struct arena *arena, const struct records *lists, size_t count,
                         struct records *ret_merged) {
    static const char *const unique[] = {"unique.plugins"};
    const struct merge_lists all = {lists, count, unique, 1};
    return merge_records(arena, &all, ret_merged, NULL);
}

static void check_case(const struct merge_case *test) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct records lists[ROWS_MAX] = {0};
    struct records merged = {0};
    feed(arena, test, lists);
    assert_int_equal(merge(arena, lists, test->lists, &merged), STATUS_OK);
    assert_int_equal(merged.count, test->count);
    for (size_t i = 0; i < test->count; i++) {
        const struct row *row = &test->rows[i];
        const struct record *record = &merged.items[i];
        assert_string_equal(record->origin, row->origin);
        assert_int_equal(record_has_errors(record), row->broken);
        assert_int_equal(findings_count(&record->findings, SEVERITY_WARNING),
                         row->shadowed_by != NULL);
        if (row->shadowed_by) {
            assert_non_null(record->shadowed_by);
            assert_string_equal(record->shadowed_by, row->shadowed_by);
        } else {
            assert_null(record->shadowed_by);
        }
    }
}

static void test_cases(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        print_message("    %s\n", cases[i].title);
        check_case(&cases[i]);
    }
}

// The lists that go in are not changed: a host may merge the same walk again.
static void test_lists_stay(void **state) {
    (void)state;
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    const struct merge_case *test = &cases[4];
    struct records lists[ROWS_MAX] = {0};
    struct records first = {0};
    struct records second = {0};
    feed(arena, test, lists);
    assert_int_equal(merge(arena, lists, 2, &first), STATUS_OK);
    assert_int_equal(merge(arena, lists, 2, &second), STATUS_OK);
    assert_null(lists[1].items[0].shadowed_by);
    assert_int_equal(lists[1].items[0].findings.count, 0);
    assert_int_equal(second.items[0].findings.count, 1);
}

// The warning says by what, where that is, and what to do.
static void test_warning(void **state) {
    (void)state;
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct records lists[ROWS_MAX] = {0};
    struct records merged = {0};
    feed(arena, &cases[4], lists);
    assert_int_equal(merge(arena, lists, 2, &merged), STATUS_OK);
    const struct finding *warning = &merged.items[0].findings.items[0];
    assert_string_equal(warning->code, "shadowed");
    assert_string_equal(warning->where, "data/a");
    assert_non_null(strstr(warning->message, "install/a"));
    assert_non_null(warning->hint);
}

static void test_many(void **state) {
    (void)state;
    enum { MANY = 20000 };
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct records lists[2] = {0};
    struct records merged = {0};
    for (size_t i = 0; i < MANY; i++) {
        struct record *record = records_add(arena, &lists[i % 2]);
        assert_non_null(record);
        record->group = "g";
        record->name = arena_printf(arena, "p%05zu", i / 2);
        record->origin = arena_printf(arena, "%zu/%05zu", i % 2, i / 2);
    }
    assert_int_equal(merge(arena, lists, 2, &merged), STATUS_OK);
    assert_int_equal(merged.count, MANY);
    size_t shadowed = 0;
    for (size_t i = 0; i < MANY; i++) {
        shadowed += merged.items[i].shadowed_by != NULL;
    }
    assert_int_equal(shadowed, MANY / 2);
}

// Out of memory is a status.
static void test_no_memory(void **state) {
    (void)state;
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    scoped(cleanup_arena) struct arena *small = arena_new(1);
    struct records lists[ROWS_MAX] = {0};
    struct records merged = {0};
    struct error err = {0};
    const struct merge_lists all = {.items = lists, .count = 2};
    feed(arena, &cases[4], lists);
    assert_int_equal(merge_records(small, &all, &merged, &err), STATUS_NO_MEMORY);
    assert_int_equal(err.status, STATUS_NO_MEMORY);
    assert_int_equal(merged.count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),     cmocka_unit_test(test_lists_stay),
        cmocka_unit_test(test_warning),   cmocka_unit_test(test_many),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
