// SPDX-License-Identifier: MIT
#include "schema/base/clock.h"
#include "schema/base/list.h"
#include "schema/base/text.h"
#include "schema/finding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_list_keeps_its_items_while_it_grows(void **state) {
    (void)state;
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    int *items = NULL;
    size_t capacity = 0;
    for (int i = 0; i < 1000; i++) {
        int *grown = list_grow(arena, items, (size_t)i, &capacity, sizeof *items);
        assert_non_null(grown);
        assert_true(capacity > (size_t)i);
        items = grown;
        items[i] = i;
    }
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(items[i], i);
    }
}

static void a_list_that_cannot_grow_stays_as_it_is(void **state) {
    (void)state;
    scoped(cleanup_arena) struct arena *arena = arena_new(100000);
    size_t capacity = 0;
    char *items = list_grow(arena, NULL, 0, &capacity, 1);
    assert_non_null(items);
    size_t before = capacity;
    assert_null(list_grow(arena, items, capacity, &capacity, 1 << 20));
    assert_int_equal(capacity, before);
    assert_null(list_grow(arena, items, SIZE_MAX / 2, &capacity, 16));
    assert_int_equal(capacity, before);
}

static void endings_and_case_are_compared(void **state) {
    (void)state;
    assert_true(text_ends_with(text_from("a.whl"), ".whl"));
    assert_true(text_ends_with(text_from(".whl"), ".whl"));
    assert_false(text_ends_with(text_from("whl"), ".whl"));
    assert_false(text_ends_with(text_from("a.WHL"), ".whl"));
    assert_true(text_equals_nocase(text_from("Content-TYPE"), "content-type"));
    assert_false(text_equals_nocase(text_from("content"), "content-type"));
    assert_false(text_equals_nocase(text_from("content-type"), "content"));
    assert_true(text_equals_nocase(text_from(""), ""));
}

static void characters_are_not_bytes(void **state) {
    (void)state;
    assert_int_equal(count_characters(text_from("")), 0);
    assert_int_equal(count_characters(text_from("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80")), 4);
}

static void a_wait_ends_at_its_deadline(void **state) {
    (void)state;
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
    int64_t deadline_ms = monotonic_ms() + 20;
    pthread_mutex_lock(&lock);
    while (monotonic_wait(&condition, &lock, deadline_ms)) {
    }
    pthread_mutex_unlock(&lock);
    assert_true(monotonic_ms() >= deadline_ms);
}

static void findings_are_appended_with_their_texts(void **state) {
    (void)state;
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct findings all;
    struct findings more;
    findings_init(&all, arena);
    findings_init(&more, arena);
    findings_add(&all, SEVERITY_WARNING, "first", NULL, NULL, "one");
    findings_add(&more, SEVERITY_ERROR, "second", "/a", "do this", "two");
    findings_append(&all, &more);
    findings_append(&all, NULL);
    assert_int_equal(all.count, 2);
    assert_int_equal(all.error_count, 1);
    assert_string_equal(all.items[1].where, "/a");
    assert_string_equal(all.items[1].hint, "do this");
    assert_ptr_not_equal(all.items[1].message, more.items[0].message);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_keeps_its_items_while_it_grows),
        cmocka_unit_test(a_list_that_cannot_grow_stays_as_it_is),
        cmocka_unit_test(endings_and_case_are_compared),
        cmocka_unit_test(characters_are_not_bytes),
        cmocka_unit_test(a_wait_ends_at_its_deadline),
        cmocka_unit_test(findings_are_appended_with_their_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
