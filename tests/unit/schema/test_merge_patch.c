// SPDX-License-Identifier: MIT
// Merge patches: the examples of RFC 7396, appendix A, and what they leave alone.
#include "schema/json/json.h"
#include "schema/environment/merge_patch.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static json_t *parse(const char *text) {
    json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
    assert_non_null(json);
    return json;
}

static void test_the_examples_of_the_standard(void **state) {
    (void)state;
    static const struct {
        const char *target;
        const char *patch;
        const char *result;
    } rows[] = {
        {"{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
        {"{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}"},
        {"{\"a\":\"b\"}", "{\"a\":null}", "{}"},
        {"{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}"},
        {"{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
        {"{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}"},
        {"{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}", "{\"a\":{\"b\":\"d\"}}"},
        {"{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}"},
        {"[\"a\",\"b\"]", "[\"c\",\"d\"]", "[\"c\",\"d\"]"},
        {"{\"a\":\"b\"}", "[\"c\"]", "[\"c\"]"},
        {"{\"a\":\"foo\"}", "null", "null"},
        {"{\"a\":\"foo\"}", "\"bar\"", "\"bar\""},
        {"{\"e\":null}", "{\"a\":1}", "{\"a\":1,\"e\":null}"},
        {"[1,2]", "{\"a\":\"b\",\"c\":null}", "{\"a\":\"b\"}"},
        {"{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *arena = arena_new(0);
        json_auto_t *target = parse(rows[i].target);
        json_auto_t *patch = parse(rows[i].patch);
        const char *target_before = json_encode_canonical(arena, target);
        const char *patch_before = json_encode_canonical(arena, patch);
        json_auto_t *merged = merge_patch_apply(target, patch);
        assert_string_equal(json_encode_canonical(arena, merged), rows[i].result);
        assert_string_equal(json_encode_canonical(arena, target), target_before);
        assert_string_equal(json_encode_canonical(arena, patch), patch_before);
        arena_free(arena);
    }
}

static void test_a_target_that_is_not_there(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    json_auto_t *patch = parse("{\"a\":{\"b\":1,\"c\":null}}");
    json_auto_t *merged = merge_patch_apply(NULL, patch);
    assert_string_equal(json_encode_canonical(arena, merged), "{\"a\":{\"b\":1}}");
    arena_free(arena);
}

static size_t allocations_left;

static void *limited_malloc(size_t size) {
    return allocations_left && allocations_left-- ? malloc(size) : NULL;
}

static void test_running_out_of_memory(void **state) {
    (void)state;
    json_auto_t *target = parse("{\"a\":{\"b\":{\"c\":1}},\"d\":2}");
    json_auto_t *patch = parse("{\"a\":{\"b\":{\"e\":[1]},\"f\":null},\"g\":{\"h\":3}}");
    json_malloc_t json_malloc;
    json_free_t json_free;
    json_get_alloc_funcs(&json_malloc, &json_free);
    json_t *merged = NULL;
    size_t failures = 0;
    for (size_t n = 0; !merged; n++) {
        allocations_left = n;
        json_set_alloc_funcs(limited_malloc, free);
        merged = merge_patch_apply(target, patch);
        failures += !merged;
        json_set_alloc_funcs(json_malloc, json_free);
        assert_true(n < 100);
    }
    assert_true(failures > 3);
    assert_int_equal(json_integer_value(json_object_get(merged, "d")), 2);
    json_decref(merged);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_examples_of_the_standard),
        cmocka_unit_test(test_a_target_that_is_not_there),
        cmocka_unit_test(test_running_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
