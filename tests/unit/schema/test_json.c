// SPDX-License-Identifier: MIT
// The guarded JSON parser: what it refuses and where it points.
#include "schema/json/json.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct refusal {
    const char *text;
    size_t len; // 0 = strlen
    enum status status;
    const char *where;
};

static const struct refusal refusals[] = {
    {"", 0, STATUS_MALFORMED, ""},
    {"{\"a\":1,\"a\":2}", 0, STATUS_MALFORMED, "line 1, column 10"},
    {"{\n  \"a\": tru\n}", 0, STATUS_MALFORMED, "line 2, column 10"},
    {"[1,\n \0]", 7, STATUS_MALFORMED, "line 2, column 2"},
    {"[\"\\u0000\"]", 0, STATUS_MALFORMED, "line 1, column 9"},
    {"[\"\xff\"]", 0, STATUS_MALFORMED, "line 1, column 2"},
    {"[\"\xc0\xaf\"]", 0, STATUS_MALFORMED, "line 1, column 2"},
    {"[\"\xed\xa0\x80\"]", 0, STATUS_MALFORMED, "line 1, column 2"},
    {"\xef\xbb\xbf{}", 0, STATUS_MALFORMED, "line 1, column 1"},
    {"{} {}", 0, STATUS_MALFORMED, "line 1, column 4"},
    {"[1e400]", 0, STATUS_MALFORMED, "line 1, column 6"},
    {"[99999999999999999999]", 0, STATUS_MALFORMED, "line 1, column 21"},
    {"// no\n{}", 0, STATUS_MALFORMED, "line 1, column 1"},
    {"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", 0, STATUS_MALFORMED,
     "line 1, column 33"},
    {"{\"0123456789012345678901234567890123456789012345678901234567890123456789\":0}", 0,
     STATUS_TOO_LARGE, ""},
};

static void test_refusals(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        const struct refusal *row = &refusals[i];
        struct text text = {row->text, row->len ? row->len : strlen(row->text)};
        struct error err = {0};
        json_t *json = NULL;
        assert_int_equal(json_parse(text, 70, &json, &err), row->status);
        assert_null(json);
        assert_string_equal(err.where, row->where);
        assert_true(err.message[0] != '\0');
    }
}

static void test_depth_limit_is_inclusive(void **state) {
    (void)state;
    static const char text[] =
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"[[[\"]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]";
    scoped(cleanup_json) json_t *json = NULL;
    assert_int_equal(json_parse(text_from(text), sizeof text, &json, NULL), STATUS_OK);
    assert_int_equal(json_depth(json), 32);
}

static void test_brackets_without_end_are_refused_quickly(void **state) {
    (void)state;
    enum { COUNT = 1000 * 1000 };
    scoped(cleanup_memory) char *text = malloc(COUNT);
    memset(text, '[', COUNT);
    json_t *json = NULL;
    struct error err;
    assert_int_equal(json_parse((struct text){text, COUNT}, COUNT, &json, &err), STATUS_MALFORMED);
    assert_string_equal(err.where, "line 1, column 33");
}

static void test_canonical_text(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    scoped(cleanup_json) json_t *json = NULL;
    struct text text =
        text_from("{ \"b\" : [1, 2.5, null],\n \"\xc3\xa9\": {}, \"a\": \"\\u00e9/\" }");
    assert_int_equal(json_parse(text, 1000, &json, NULL), STATUS_OK);
    assert_string_equal(json_encode_canonical(arena, json),
                        "{\"a\":\"\xc3\xa9/\",\"b\":[1,2.5,null],\"\xc3\xa9\":{}}");
    arena_free(arena);
}

static void test_pointers_and_odd_names(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    assert_string_equal(json_pointer(arena, "/a", "x/y~z"), "/a/x~1y~0z");
    assert_string_equal(json_pointer_index(arena, "", 3), "/3");
    scoped(cleanup_json) json_t *odd = json_text("caf\xe9");
    assert_string_equal(json_string_value(odd), "caf?");
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_depth_limit_is_inclusive),
        cmocka_unit_test(test_brackets_without_end_are_refused_quickly),
        cmocka_unit_test(test_canonical_text),
        cmocka_unit_test(test_pointers_and_odd_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
